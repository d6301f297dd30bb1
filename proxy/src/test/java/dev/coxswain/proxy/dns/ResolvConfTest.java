package dev.coxswain.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResolvConfTest {
  @Test
  void serversOfBothFamiliesAreTakenButForOurselves() {
    assertThat(
            ResolvConf.parse(
                """
                # nameserver 1.1.1.1
                search example.org
                nameserver 192.0.2.1
                nameserver 10.96.0.10
                nameserver 2001:db8::1
                nameserver 2001:db8::1::2
                nameserver fe80::1%nosuchlink0
                nameserver 192.0.2
                 nameserver 192.0.2.2 # second
                """,
                "10.96.0.10"))
        .containsExactly("192.0.2.1", "2001:db8::1", "192.0.2.2");
  }
}
