package dev.coxswain.apiserver.discovery;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A document that is ready to be sent, with gzip or without, and kept in one of both forms. */
public final class Document {
  private static final int HASH_BYTES = 32;

  private final String contentType;
  private final byte[] kept;
  private final boolean compressed;
  private final String hash;

  private Document(String contentType, byte[] kept, boolean compressed, String hash) {
    this.contentType = contentType;
    this.kept = kept;
    this.compressed = compressed;
    this.hash = hash;
  }

  /** Writes a document's bytes. */
  @FunctionalInterface
  public interface Writer {
    /** Writes all of them; the stream is closed by the caller. */
    void write(OutputStream out) throws IOException;
  }

  /** The media type with its parameters. */
  public String contentType() {
    return contentType;
  }

  /** The bytes; not to be changed. */
  public byte[] body() {
    if (!compressed) {
      return kept;
    }
    try (InputStream in = open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot be read", e);
    }
  }

  /** The bytes one after the other. */
  public InputStream open() throws IOException {
    InputStream in = new ByteArrayInputStream(kept);
    return compressed ? new GZIPInputStream(in) : in;
  }

  /** Whether it is kept compressed. */
  public boolean compressed() {
    return compressed;
  }

  /** The bytes as they are kept; not to be changed. */
  public byte[] kept() {
    return kept;
  }

  /** Identifies the content, in hex; an {@code ETag} without its quotes. */
  public String hash() {
    return hash;
  }

  /** A document whose hash is that of its bytes. */
  public static Document of(String contentType, byte[] body) {
    return new Document(contentType, body, false, hex(digest().digest(body)));
  }

  /** A document that is kept compressed, and never stands in memory otherwise. */
  public static Document compressed(String contentType, Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    MessageDigest digest = digest();
    try (OutputStream out = new DigestOutputStream(new GZIPOutputStream(bytes, 1 << 13), digest)) {
      writer.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory cannot be written", e);
    }
    return new Document(contentType, bytes.toByteArray(), true, hex(digest.digest()));
  }

  /** The hash of a text, as {@link #hash()} spells it. */
  public static String hash(String text) {
    return hex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().withUpperCase().formatHex(digest, 0, HASH_BYTES);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-512", impossible);
    }
  }
}
