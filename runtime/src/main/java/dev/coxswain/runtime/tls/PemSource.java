package dev.coxswain.runtime.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
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
      try {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
      } catch (IOException e) {
        return null;
      }
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

    private record Version(FileTime modified, long size, @Nullable Object fileKey) {}
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
}
