package dev.coxswain.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class InvocationTest {
  @Test
  void whatIsAdvisedCanBePasted() {
    assertThat(Invocation.word("/tmp/home-1/.cox/kubeconfig"))
        .isEqualTo("/tmp/home-1/.cox/kubeconfig");
    for (String odd : List.of("/tmp/my home", "", "it's", "a$b`c`", "a\"b", "*", "é")) {
      assertThat(Shell.must("sh", "-c", "printf %s " + Invocation.word(odd)))
          .as("a shell reads it back")
          .isEqualTo(odd);
    }
  }
}
