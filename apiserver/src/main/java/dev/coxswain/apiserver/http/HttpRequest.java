package dev.coxswain.apiserver.http;

import dev.coxswain.apiserver.authn.Credentials;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A whole request, its body included. */
public final class HttpRequest {
  private static final Pattern REFUSED = Pattern.compile("\\s*q=0(\\.0*)?\\s*");

  private final String method;
  private final String path;
  private final String query;
  private final HttpHeaders headers;
  private final byte[] body;
  private final Connection connection;

  /**
   * The connection that a request came on.
   *
   * @param remoteAddress the peer, as {@code address:port}
   * @param protocol {@code HTTP/1.1} or {@code HTTP/2}
   * @param identity what the peer showed in the TLS handshake
   */
  record Connection(String remoteAddress, String protocol, PeerIdentity identity) {}

  HttpRequest(String method, String uri, HttpHeaders headers, byte[] body, Connection connection) {
    int mark = uri.indexOf('?');
    this.method = method;
    this.path = mark < 0 ? uri : uri.substring(0, mark);
    this.query = mark < 0 ? "" : uri.substring(mark + 1);
    this.headers = headers;
    this.body = body;
    this.connection = connection;
  }

  /** The method, such as {@code GET}. */
  public String method() {
    return method;
  }

  /** The path as it was sent, with its escapes. */
  public String path() {
    return path;
  }

  /** The query as it was sent, without the question mark; may be empty. */
  public String query() {
    return query;
  }

  /** A header's first value; empty where there is none. */
  public String header(String name) {
    String value = headers.get(name);
    return value == null ? "" : value;
  }

  /** A header's values. */
  public List<String> headers(String name) {
    return headers.getAll(name);
  }

  /** All headers, in the order in which they came. */
  public List<Map.Entry<String, String>> headers() {
    return headers.entries();
  }

  /** Whether the client takes a compressed answer. */
  public boolean acceptsGzip() {
    for (String value : headers("Accept-Encoding")) {
      for (String coding : value.toLowerCase(Locale.ROOT).split(",", -1)) {
        String[] parts = coding.strip().split(";", -1);
        boolean refused = parts.length > 1 && REFUSED.matcher(parts[1]).matches();
        if (parts[0].strip().equals("gzip")) {
          return !refused;
        }
      }
    }
    return false;
  }

  /** The body; not to be changed. */
  public byte[] body() {
    return body;
  }

  /** The peer, as {@code address:port}. */
  public String remoteAddress() {
    return connection.remoteAddress();
  }

  /** {@code HTTP/1.1} or {@code HTTP/2}. */
  public String protocol() {
    return connection.protocol();
  }

  /** What was shown to prove who it is. */
  public Credentials credentials() {
    return new Credentials(connection.identity().chain(), bearerToken(), path);
  }

  /** Why the client's certificate is not trusted; empty where it is, or none was shown. */
  public String certificateProblem() {
    return connection.identity().problem();
  }

  private @Nullable String bearerToken() {
    String authorization = header("Authorization");
    if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      String token = authorization.substring(7).trim();
      return token.isEmpty() ? null : token;
    }
    return null;
  }

  /** Whether the client asks to speak another protocol on this connection. */
  public boolean wantsUpgrade() {
    return !header("Upgrade").isEmpty()
        && header("Connection").toLowerCase(Locale.ROOT).contains("upgrade");
  }

  /** The method and the path: the query may carry what should not be logged. */
  @Override
  public String toString() {
    return method + " " + path;
  }
}
