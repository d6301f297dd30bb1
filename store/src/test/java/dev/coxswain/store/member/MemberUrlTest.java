package dev.coxswain.store.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MemberUrlTest {
  @Test
  void aNameOfAContainerMayHaveUnderscores() {
    assertThat(MemberUrl.parse("http://etcd_1:2380", "--listen-peer-urls"))
        .isEqualTo(new MemberUrl(false, "etcd_1", 2380));
  }

  @Test
  void anAddressOfTheSixthVersionStandsInBrackets() {
    assertThat(MemberUrl.parse("https://[::1]:2380", "--listen-peer-urls"))
        .isEqualTo(new MemberUrl(true, "::1", 2380))
        .hasToString("https://[::1]:2380");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcd_1:2380",
        "http://etcd_1",
        "http://etcd_1:",
        "http://etcd_1:65536",
        "http://etcd-1:65536",
        "http://:2380",
        "http://user@etcd_1:2380",
        "http://etcd_1:2380/path",
        "unix://etcd_1:2380"
      })
  void whatIsNotHostAndPortIsRefusedByName(String text) {
    assertThatThrownBy(() -> MemberUrl.parse(text, "--listen-peer-urls"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--listen-peer-urls: \"" + text + "\" cannot be used, ");
  }
}
