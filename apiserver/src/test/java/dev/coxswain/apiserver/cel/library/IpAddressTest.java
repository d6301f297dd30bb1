package dev.coxswain.apiserver.cel.library;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpAddressTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "255.255.255.255 | ''",
        "fe80::42:1dff:fe84:f9e2 | ''",
        "fe80:0:0:0:42:1dff:fe84:f9e2 | must be in canonical form (\"fe80::42:1dff:fe84:f9e2\")",
        "FE80::1 | must be in canonical form (\"fe80::1\")",
        "010.0.0.1 | 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'",
        "walk | 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'",
      })
  void anObjectMayBeCalledAfterItsAddress(String name, String problem) {
    assertThat(IpAddress.nameProblem(name).orElse("")).isEqualTo(problem);
  }
}
