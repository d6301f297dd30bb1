package dev.coxswain.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The kubectls that must work: the one that is installed, and Debian's newest. */
enum Kubectl {
  /** Whatever is installed; Debian 12 has 1.20. */
  INSTALLED {
    @Override
    String program() {
      return "kubectl";
    }
  },
  /** That of Debian's newest suite, two minor versions above the server or more. */
  NEWEST {
    @Override
    String program() {
      return Fetched.PROGRAM;
    }
  };

  /** The name or path of the program. */
  abstract String program();

  /** Fetched once for a run and kept in the build's folder; a test that needs it fails without. */
  private static final class Fetched {
    private static final Path FOLDER = Repository.root().resolve("e2e/target/newest-kubectl");
    static final String PROGRAM =
        new Shell(Map.of())
            .run(
                Duration.ofMinutes(5),
                List.of(
                    Repository.root().resolve(".ci/newest-kubectl").toString(), FOLDER.toString()))
            .orFail()
            .strip();

    static {
      if (!Files.isExecutable(Path.of(PROGRAM))) {
        throw new AssertionError("no kubectl came of .ci/newest-kubectl: " + PROGRAM);
      }
    }
  }
}
