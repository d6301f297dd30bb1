package dev.coxswain.runtime.tls;

import dev.coxswain.runtime.program.Reloading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where PEM text comes from. */
public sealed interface PemSource {

  /** A file, which may be replaced while the process runs. */
  record File(Path path) implements PemSource {
    @Override
    public byte[] read() {
      try {
        return Files.readAllBytes(path);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + path + ": " + reason(e), e);
      }
    }

    @Override
    public @Nullable Object version() {
      return Reloading.version(path);
    }

    @Override
    public String toString() {
      return path.toString();
    }

    private static String reason(IOException e) {
      return e instanceof NoSuchFileException
          ? "there is no such file"
          : e instanceof AccessDeniedException
              ? "permission denied"
              : String.valueOf(e.getMessage());
    }
  }

  /** Text that is at hand, such as a kubeconfig's {@code …-data}. */
  record Inline(String pem) implements PemSource {
    @Override
    public byte[] read() {
      return pem.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public @Nullable Object version() {
      return "";
    }

    @Override
    public String toString() {
      return "inline data";
    }
  }

  /**
   * The text.
   *
   * @throws UncheckedIOException with a message that names the file
   */
  byte[] read();

  /** Something that differs once the text may have changed; null while it cannot be told. */
  @Nullable Object version();

  /** A value made from sources, made again once one of them has changed. */
  static <V> Reloading<V> reloading(List<PemSource> sources, Supplier<V> maker) {
    return new Reloading<>(sources, () -> versions(sources), maker);
  }

  private static @Nullable Object versions(List<PemSource> sources) {
    List<@Nullable Object> versions =
        sources.stream().<@Nullable Object>map(PemSource::version).toList();
    return versions.stream().anyMatch(Objects::isNull) ? null : versions;
  }
}
