package dev.coxswain.apiserver.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole response.
 *
 * @param status the status code
 * @param contentType the media type; empty for a response without a body
 * @param headers further headers
 * @param body the body in pieces, which are sent one after the other; not to be changed
 */
public record Answer(
    int status, String contentType, Map<String, List<String>> headers, Iterable<byte[]> body) {

  /** JSON's media type. */
  public static final String JSON = "application/json";

  private static final byte[] NEWLINE = {'\n'};

  /** What a JSON document of the API ends with: some clients compare it byte for byte. */
  public static byte[] newline() {
    return NEWLINE;
  }

  /** A JSON document of the API. */
  public static Answer json(int status, byte[] body) {
    return new Answer(status, JSON, Map.of(), List.of(body, NEWLINE));
  }

  /** Plain text. */
  public static Answer text(int status, String body) {
    return new Answer(
        status,
        "text/plain; charset=utf-8",
        Map.of("X-Content-Type-Options", List.of("nosniff")),
        List.of(body.getBytes(StandardCharsets.UTF_8)));
  }

  /** With one more header. */
  public Answer with(String name, String value) {
    return with(name, List.of(value));
  }

  /** With one more header, of several values. */
  public Answer with(String name, List<String> values) {
    Map<String, List<String>> more = new LinkedHashMap<>(headers);
    more.put(name, values);
    return new Answer(status, contentType, more, body);
  }

  /** How long the body is, in bytes. */
  long length() {
    long length = 0;
    for (byte[] piece : body) {
      length += piece.length;
    }
    return length;
  }
}
