package dev.coxswain.e2e;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the checkout is that this test was compiled from. */
final class Repository {
  private Repository() {}

  /** The folder that holds {@code cox} and the root {@code pom.xml}. */
  static Path root() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("ARCHITECTURE.md"))
          && Files.exists(folder.resolve("pom.xml"))) {
        return folder;
      }
    }
    throw new IllegalStateException("run the tests from inside the checkout");
  }
}
