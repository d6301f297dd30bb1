package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster on hosts that {@code cox up} knows nothing of: prepared, installed, used. */
final class OwnHostsEndToEndTest {
  private static final Duration LIMIT = Duration.ofMinutes(6);

  @TempDir private Path folder;

  @Test
  void twoHostsBecomeACluster() throws IOException {
    Path script = Repository.root().resolve("e2e/src/test/resources/dev/coxswain/e2e/own-hosts.sh");
    assertThat(Files.exists(script)).isTrue();

    String seen =
        new Shell(Map.of("COX_HOME", folder.resolve("home").toString()))
            .run(
                LIMIT,
                List.of("bash", script.toString(), Repository.root().toString(), folder.toString()))
            .orFail();

    assertThat(seen)
        .contains("node/alpha condition met", "node/beta condition met")
        .contains("deployment \"hello\" successfully rolled out")
        .contains("nodes of pods: alpha beta")
        .containsPattern("\nhello-[a-z0-9]+-[a-z0-9]+\n")
        .contains("modes: 710 600 600", "modes of beta: 700")
        .contains("users: coxswain coxswain coxswain coxswain root root")
        .contains("keys: coxswain root")
        .contains("keys of beta: beta-serving.key \n");
  }
}
