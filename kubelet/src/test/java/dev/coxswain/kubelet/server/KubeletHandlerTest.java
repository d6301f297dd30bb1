package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class KubeletHandlerTest {
  @Test
  void whatCannotBeDecodedIsNotAskedFor() {
    assertThat(KubeletHandler.decoded("/pods/a%20b").path()).isEqualTo("/pods/a b");
    assertThatThrownBy(() -> KubeletHandler.decoded("/%"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> KubeletHandler.decoded("/pods?a=%zz"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
