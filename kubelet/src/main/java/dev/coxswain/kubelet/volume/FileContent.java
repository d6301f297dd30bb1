package dev.coxswain.kubelet.volume;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that a volume shows.
 *
 * @param owner the user it belongs to; null for the kubelet's own
 */
@SuppressWarnings("ArrayRecordComponent") // Never changed after it was made.
record FileContent(byte[] bytes, int mode, @Nullable Long owner) {

  FileContent(byte[] bytes, int mode) {
    this(bytes, mode, null);
  }

  static FileContent text(String text, int mode) {
    return new FileContent(text.getBytes(StandardCharsets.UTF_8), mode);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FileContent that
        && mode == that.mode
        && Objects.equals(owner, that.owner)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bytes) + mode;
  }

  @Override
  public String toString() {
    // Never the content: it may be a secret.
    return bytes.length + " bytes, mode " + Integer.toOctalString(mode);
  }
}
