package dev.coxswain.kubelet.probe;

import dev.coxswain.runtime.tls.Tls;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPGetActionBuilder;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP GET; 200 to 399 passes. The certificate of an https check is not verified, as upstream
 * has it: the check asks whether the container answers, not who it is.
 */
public final class HttpCheck {
  /** A status line or header is shorter; whoever sends more is no HTTP server. */
  private static final int LINE_BYTES = 8 * 1024;

  private static final int MOST_HEADERS = 100;

  private static final String PLAIN = "http: server gave HTTP response to HTTPS client";

  /** As many as upstream follows. */
  private static final int MOST_REDIRECTS = 10;

  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** As much of an answer's body as upstream reads for an event. */
  private static final int BODY_BYTES = 10 * 1024;

  private HttpCheck() {}

  /** Runs the check against the address, unless the action names a host itself. */
  public static CheckResult run(
      HTTPGetAction action, int port, String podAddress, Duration timeout) {
    Answer answer = follow(action, port, podAddress, "kube-probe", timeout);
    if (answer.failure().isPresent()) {
      return CheckResult.failed(answer.failure().get());
    }
    if (answer.status() < 200 || answer.status() >= 400) {
      return CheckResult.failed("HTTP probe failed with statuscode: " + answer.status());
    }
    return answer.status() < 300
        ? CheckResult.PASSED
        : CheckResult.passed("Probe terminated redirects, Response body: " + answer.body());
  }

  /**
   * Sends a lifecycle hook's request; why nobody answered it, or empty. What the answer says does
   * not matter, as upstream has it: the hook has been heard. A server that speaks no TLS although
   * the hook does is asked without: of old, hooks were sent so whatever they said.
   */
  public static Optional<String> send(
      HTTPGetAction action, int port, String podAddress, Duration timeout) {
    Optional<String> failure =
        follow(action, port, podAddress, "kube-lifecycle", timeout).failure();
    if (failure.isEmpty() || !failure.get().endsWith(PLAIN)) {
      return failure;
    }
    HTTPGetAction plain =
        new HTTPGetActionBuilder(action)
            .withScheme("HTTP")
            .withHttpHeaders(
                action.getHttpHeaders().stream()
                    .filter(header -> !header.getName().equalsIgnoreCase("Authorization"))
                    .toList())
            .build();
    return follow(plain, port, podAddress, "kube-lifecycle", timeout).failure().isEmpty()
        ? Optional.empty()
        : failure;
  }

  /** Asks, and asks again where it is sent to within the same host. */
  private static Answer follow(
      HTTPGetAction action, int port, String podAddress, String agent, Duration timeout) {
    String host =
        action.getHost() == null || action.getHost().isEmpty() ? podAddress : action.getHost();
    boolean tls = "HTTPS".equalsIgnoreCase(action.getScheme());
    String path = action.getPath() == null || action.getPath().isEmpty() ? "/" : action.getPath();
    Target target = new Target(tls, host, port, path.startsWith("/") ? path : "/" + path);
    Deadline deadline = Deadline.in(timeout);
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      Answer answer = get(action, target, agent, deadline);
      @Nullable Target next = answer.next();
      if (next == null || !next.host().equals(host)) {
        return answer;
      }
      target = next;
    }
    return Answer.failed(
        "Get \"" + target.url() + "\": stopped after " + MOST_REDIRECTS + " redirects");
  }

  /** Where a request goes. */
  private record Target(boolean tls, String host, int port, String path) {
    String authority() {
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    String url() {
      return (tls ? "https" : "http") + "://" + authority() + path;
    }

    /** The target of a {@code Location} header; null for one that is none. */
    @Nullable Target at(String location) {
      try {
        URI uri = URI.create(url()).resolve(location);
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        if (uri.getHost() == null) {
          return null;
        }
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String where =
            uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        int wanted = uri.getPort() < 0 ? secure ? 443 : 80 : uri.getPort();
        return new Target(secure, uri.getHost(), wanted, where + query);
      } catch (IllegalArgumentException malformed) {
        return null;
      }
    }
  }

  /**
   * What came of a request.
   *
   * @param body its beginning; only of an answer that sends elsewhere
   * @param next where it sends; null for nowhere
   * @param failure why there is no answer; empty if there is one
   */
  private record Answer(int status, String body, @Nullable Target next, Optional<String> failure) {
    static Answer failed(String why) {
      return new Answer(0, "", null, Optional.of(why));
    }
  }

  private static Answer get(HTTPGetAction action, Target target, String agent, Deadline deadline) {
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(target.host(), target.port()), deadline.millisLeft());
      plain.setSoTimeout(deadline.millisLeft());
      try (Socket socket = target.tls() ? secure(plain, target.host(), target.port()) : plain) {
        send(socket.getOutputStream(), action, agent, target);
        int status = status(line(socket, deadline));
        if (status < 300 || status >= 400) {
          return new Answer(status, "", null, Optional.empty());
        }
        Map<String, String> headers = headers(socket, deadline);
        @Nullable String location = headers.get("location");
        return new Answer(
            status,
            body(socket, headers, deadline),
            location == null || !REDIRECTS.contains(status) ? null : target.at(location),
            Optional.empty());
      }
    } catch (IOException | IllegalArgumentException failure) {
      return Answer.failed(words(failure, target));
    }
  }

  private static String words(Exception failure, Target target) {
    String get = "Get \"" + target.url() + "\": ";
    return switch (failure) {
      case SocketTimeoutException late ->
          get + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
      case ConnectException refused ->
          get + "dial tcp " + target.authority() + ": connect: " + words(refused);
      case UnknownHostException unknown ->
          get + "dial tcp: lookup " + target.host() + ": no such host";
      // The JDK's word for what does not begin like TLS.
      case SSLException other
          when String.valueOf(other.getMessage()).startsWith("Unsupported or unrecognized") ->
          get + PLAIN;
      default -> get + failure.getMessage();
    };
  }

  static String words(ConnectException refused) {
    String message = String.valueOf(refused.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("refused") ? "connection refused" : message;
  }

  private static void send(OutputStream out, HTTPGetAction action, String agentName, Target target)
      throws IOException {
    StringBuilder request = new StringBuilder();
    request.append("GET ").append(target.path());
    request.append(" HTTP/1.1\r\n");
    boolean host = false;
    boolean agent = false;
    boolean accept = false;
    for (HTTPHeader header : action.getHttpHeaders()) {
      host |= header.getName().equalsIgnoreCase("Host");
      agent |= header.getName().equalsIgnoreCase("User-Agent");
      accept |= header.getName().equalsIgnoreCase("Accept");
      request.append(header.getName()).append(": ").append(header.getValue()).append("\r\n");
    }
    if (!host) {
      request.append("Host: ").append(target.authority()).append("\r\n");
    }
    if (!agent) {
      request.append("User-Agent: ").append(agentName).append("/1.34\r\n");
    }
    if (!accept) {
      request.append("Accept: */*\r\n");
    }
    request.append("Connection: close\r\n\r\n");
    out.write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static int status(String line) throws IOException {
    String[] words = line.split(" ", 3);
    if (words.length > 1 && words[0].startsWith("HTTP/") && words[1].matches("[0-9]{3}")) {
      return Integer.parseInt(words[1]);
    }
    throw new IOException("malformed HTTP response \"" + line + "\"");
  }

  /** By their names in lower case; the first of a name. */
  private static Map<String, String> headers(Socket socket, Deadline deadline) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (int count = 0; count < MOST_HEADERS; count++) {
      String line = line(socket, deadline);
      if (line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.putIfAbsent(
            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    }
    throw new IOException("malformed HTTP response: more than " + MOST_HEADERS + " headers");
  }

  /** The body's beginning where its length is told, which is where it is short. */
  private static String body(Socket socket, Map<String, String> headers, Deadline deadline)
      throws IOException {
    String length = headers.getOrDefault("content-length", "0");
    if (!length.matches("[0-9]{1,9}")) {
      return "";
    }
    int wanted = Math.min(Integer.parseInt(length), BODY_BYTES);
    byte[] body = new byte[wanted];
    int count = 0;
    while (count < wanted) {
      socket.setSoTimeout(deadline.millisLeft());
      int more = socket.getInputStream().read(body, count, wanted - count);
      if (more < 0) {
        break;
      }
      count += more;
    }
    return new String(body, 0, count, StandardCharsets.UTF_8);
  }

  private static String line(Socket socket, Deadline deadline) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    while (line.length() < LINE_BYTES) {
      socket.setSoTimeout(deadline.millisLeft());
      int next = in.read();
      if (next < 0) {
        throw new IOException("EOF");
      }
      if (next == '\n') {
        return line.toString().strip();
      }
      line.append((char) next);
    }
    throw new IOException("malformed HTTP response: a line of more than " + LINE_BYTES + " bytes");
  }

  private static Socket secure(Socket plain, String host, int port) throws IOException {
    SSLSocket socket =
        (SSLSocket) Tls.toAnyServer().getSocketFactory().createSocket(plain, host, port, true);
    socket.startHandshake();
    return socket;
  }

  /** The time a check has in all, however slowly the other side sends. */
  private record Deadline(io.grpc.Deadline end) {
    static Deadline in(Duration timeout) {
      return new Deadline(io.grpc.Deadline.after(timeout.toMillis(), TimeUnit.MILLISECONDS));
    }

    int millisLeft() throws SocketTimeoutException {
      long left = end.timeRemaining(TimeUnit.MILLISECONDS);
      if (left <= 0) {
        throw new SocketTimeoutException("timeout");
      }
      return (int) Math.min(left, Integer.MAX_VALUE);
    }
  }
}
