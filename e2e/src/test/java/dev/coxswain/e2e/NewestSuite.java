package dev.coxswain.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Packages of Debian's newest suite, unpacked beside what is installed and never in its place. */
final class NewestSuite {
  private NewestSuite() {}

  /** The root of the package's files; fetched once and kept in the build's folder. */
  static Path unpacked(String debianPackage) {
    Path folder = Repository.root().resolve("e2e/target/newest-" + debianPackage);
    new Shell(Map.of())
        .run(
            Duration.ofMinutes(5),
            List.of(
                Repository.root().resolve(".ci/newest").toString(),
                folder.toString(),
                debianPackage))
        .orFail();
    return folder;
  }
}
