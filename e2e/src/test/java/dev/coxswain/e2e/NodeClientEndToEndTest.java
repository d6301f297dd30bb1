package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kubernetes' own client for JavaScript, from npm, in the versions that the lock names. */
@ExtendWith(SharedCluster.class)
final class NodeClientEndToEndTest {
  private static final Path SCRIPT =
      Repository.root().resolve("e2e/src/test/resources/node-client");

  @Test
  void itDoesWhatAProgramDoes(Cluster cluster, @TempDir Path folder) throws Exception {
    for (String file : List.of("package.json", "package-lock.json")) {
      Files.copy(SCRIPT.resolve(file), folder.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
    new Shell(Map.of())
        .run(
            Duration.ofMinutes(6),
            List.of(
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefix",
                folder.toString()))
        .orFail();
    try (ClientGround ground = ClientGround.prepare(cluster, "node-client", folder)) {
      Path told = folder.resolve("told");
      Path errors = folder.resolve("errors");
      Process walk =
          new Shell(Map.of("KUBECONFIG", ground.kubeconfig()))
              .start(
                  List.of(
                      "node",
                      SCRIPT.resolve("walk.mjs").toString(),
                      folder.toString(),
                      ground.namespace()),
                  Files.createFile(folder.resolve("nothing")),
                  told,
                  errors);
      try {
        Cluster.eventually(
            "it asks for a cut, or ends", () -> text(told).contains("cut") || !walk.isAlive());
        ground.relay().cut();
        Files.createFile(folder.resolve("cut"));
        assertThat(walk.waitFor(Cluster.PATIENCE)).isTrue();
      } finally {
        walk.destroyForcibly().waitFor();
      }
      assertThat(text(told).lines())
          .as(text(told) + text(errors))
          .containsExactly(
              "ok crud",
              "ok seen",
              "cut",
              "ok cut off",
              "ok resumed",
              "ok apply",
              "ok output",
              "ok exec",
              "ok elected",
              "done");
      assertThat(walk.exitValue()).isZero();
    }
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
