package dev.coxswain.apiserver.discovery;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A document that is ready to be sent. */
public final class Document {
  private static final int HASH_BYTES = 32;

  private final String contentType;
  private final byte[] body;
  private final String hash;

  private Document(String contentType, byte[] body, String hash) {
    this.contentType = contentType;
    this.body = body;
    this.hash = hash;
  }

  /** The media type with its parameters. */
  public String contentType() {
    return contentType;
  }

  /** The bytes; not to be changed. */
  public byte[] body() {
    return body;
  }

  /** Identifies the content, in hex; an {@code ETag} without its quotes. */
  public String hash() {
    return hash;
  }

  /** A document whose hash is that of its bytes. */
  public static Document of(String contentType, byte[] body) {
    return new Document(contentType, body, hash(body));
  }

  /** The hash of a text, as {@link #hash()} spells it. */
  public static String hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hash(byte[] body) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-512").digest(body);
      return HexFormat.of().withUpperCase().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-512", impossible);
    }
  }
}
