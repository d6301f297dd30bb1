package dev.coxswain.deploy.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;

/** Directories with all that is in them. */
public final class Trees {
  private Trees() {}

  /**
   * Deletes a file or a directory with all that is in it; links are not followed. Nothing there is
   * no failure.
   *
   * @throws CoxException where something cannot be deleted
   */
  public static void delete(Path root) {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException failed) {
      throw new CoxException("cannot remove " + root + ": " + failed.getMessage(), failed);
    }
  }
}
