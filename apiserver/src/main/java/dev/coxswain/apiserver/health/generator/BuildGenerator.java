package dev.coxswain.apiserver.health.generator;

import dev.coxswain.apiserver.health.VersionEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes down the commit that is built, for {@code kubectl version}; nothing outside a checkout.
 */
final class BuildGenerator {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40,64}");

  private BuildGenerator() {}

  /**
   * Writes it.
   *
   * @param arguments a folder of the checkout, and that of the classes
   */
  public static void main(String[] arguments) throws IOException {
    Path target = Path.of(arguments[1] + VersionEndpoint.BUILD);
    Files.createDirectories(target.getParent());
    Files.writeString(target, commit(Path.of(arguments[0]).toAbsolutePath()));
  }

  /** The commit that is checked out in the repository around a folder; empty where none is. */
  static String commit(Path folder) throws IOException {
    for (Path place = folder; place != null; place = place.getParent()) {
      Path repository = place.resolve(".git");
      if (Files.isDirectory(repository)) {
        return head(repository, repository);
      }
      if (Files.isRegularFile(repository)) {
        // A further work tree: its head is its own, and the branches are the main one's.
        String pointer = Files.readString(repository).strip();
        Path own = place.resolve(pointer.substring("gitdir:".length()).strip());
        Path common = own.resolve("commondir");
        boolean shared = Files.exists(common);
        return head(own, shared ? own.resolve(Files.readString(common).strip()) : own);
      }
    }
    return "";
  }

  private static String head(Path own, Path common) throws IOException {
    String head = Files.readString(own.resolve("HEAD")).strip();
    if (!head.startsWith("ref:")) {
      return COMMIT.matcher(head).matches() ? head : "";
    }
    String branch = head.substring("ref:".length()).strip();
    Path loose = common.resolve(branch);
    if (Files.exists(loose)) {
      return Files.readString(loose).strip();
    }
    @Nullable String packed = packed(common.resolve("packed-refs"), branch);
    return packed == null ? "" : packed;
  }

  private static @Nullable String packed(Path references, String branch) throws IOException {
    if (!Files.exists(references)) {
      return null;
    }
    try (Stream<String> lines = Files.lines(references)) {
      return lines
          .filter(line -> line.endsWith(" " + branch))
          .map(line -> line.substring(0, line.indexOf(' ')))
          .findFirst()
          .orElse(null);
    }
  }
}
