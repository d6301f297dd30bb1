package dev.coxswain.apiserver.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What RFC 9112 asks of a request over HTTP/1.1 beyond what the decoder checks. */
final class RequestForm {
  /** A target with scheme and authority, as one sends it to a proxy. */
  private static final Pattern ABSOLUTE = Pattern.compile("(?i)https?://([^/?#]*)(.*)");

  /** The characters of an authority, RFC 3986. */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9!$%&'()*+,.:;=\\[\\]_~-]*");

  private RequestForm() {}

  /**
   * What is wrong with the request's Host, in the words of upstream's server; empty for nothing.
   */
  static Optional<String> problem(HttpRequest request) {
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1) {
      return Optional.of("too many Host headers");
    }
    if (hosts.isEmpty()) {
      return request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0
          ? Optional.empty()
          : Optional.of("missing required Host header");
    }
    return HOST.matcher(hosts.getFirst()).matches()
        ? Optional.empty()
        : Optional.of("malformed Host header");
  }

  /** Makes of a target with an authority, which every server must take, a path and a Host. */
  static void makeOrigin(HttpRequest request) {
    Matcher absolute = ABSOLUTE.matcher(request.uri());
    if (absolute.matches()) {
      String path = absolute.group(2);
      request.headers().set(HttpHeaderNames.HOST, absolute.group(1));
      request.setUri(path.startsWith("/") ? path : "/" + path);
    }
  }
}
