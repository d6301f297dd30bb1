package dev.coxswain.deploy.image;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** The small C programs of this module, compiled statically on first use. */
public final class NativePrograms {
  private static final Duration COMPILE_DEADLINE = Duration.ofMinutes(1);

  private final Path sources;
  private final Path binaries;

  /**
   * @param sources holds {@code <name>.c}
   * @param binaries where the programs are kept; made when missing
   */
  public NativePrograms(Path sources, Path binaries) {
    this.sources = sources;
    this.binaries = binaries;
  }

  /** The program's path; compiles it when it is missing or older than its source. */
  public Path program(String name) {
    Path source = sources.resolve(name + ".c");
    Path binary = binaries.resolve(name);
    try {
      Files.createDirectories(binaries);
      if (Files.exists(binary)
          && Files.getLastModifiedTime(binary).compareTo(Files.getLastModifiedTime(source)) >= 0) {
        return binary;
      }
      Path fresh = Files.createTempFile(binaries, name, ".new");
      try {
        Shell.must(
            List.of(
                "gcc",
                "-static",
                "-Os",
                "-s",
                "-Wall",
                "-pthread",
                "-o",
                fresh.toString(),
                source.toString()),
            COMPILE_DEADLINE);
        Files.move(fresh, binary, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      return binary;
    } catch (IOException failed) {
      throw new CoxException("cannot build " + binary + ": " + failed.getMessage(), failed);
    }
  }
}
