package dev.coxswain.bench.api;

import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.runtime.tls.TlsTrust;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/**
 * One HTTP/1.1 connection over TLS, kept open, that reads no more of an answer than it must: on a
 * machine that the servers share with the load, what the client spends is missing from the rate.
 */
final class Connection implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final int BUFFER_BYTES = 64 << 10;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] scratch = new byte[BUFFER_BYTES];

  /** Where to connect, and as whom. */
  record Target(URI server, SSLContext tls) {
    static Target of(Kubeconfig config, URI server) {
      return new Target(
          server,
          Tls.context(
              new TlsIdentity(
                  Objects.requireNonNull(config.certificate()),
                  Objects.requireNonNull(config.key())),
              new TlsTrust(Objects.requireNonNull(config.authorities()))));
    }
  }

  /**
   * A request of JSON.
   *
   * @param body empty where there is none
   */
  record Request(String method, String path, String contentType, String body) {
    static Request get(String path) {
      return new Request("GET", path, "", "");
    }

    static Request delete(String path) {
      return new Request("DELETE", path, "", "");
    }

    static Request json(String method, String path, String body) {
      return new Request(method, path, "application/json", body);
    }
  }

  /** What came back: the status, and how many bytes of body. */
  record Answer(int status, long bytes) {}

  Connection(Target target) throws IOException {
    socket =
        target
            .tls()
            .getSocketFactory()
            .createSocket(target.server().getHost(), target.server().getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) ANSWER.toMillis());
    in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
    out = socket.getOutputStream();
  }

  /** Sends a request and reads its answer to the end. */
  Answer call(Request request) throws IOException {
    send(request);
    Head head = head();
    long bytes = 0;
    if (head.chunked()) {
      for (int chunk = chunk(); chunk > 0; chunk = chunk()) {
        skip(chunk);
        bytes += chunk;
        line();
      }
      line();
    } else {
      skip(head.length());
      bytes = head.length();
    }
    return new Answer(head.status(), bytes);
  }

  private void send(Request request) throws IOException {
    StringBuilder head = new StringBuilder(256);
    head.append(request.method()).append(' ').append(request.path()).append(" HTTP/1.1\r\n");
    head.append("host: bench\r\naccept: application/json\r\n");
    byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
    if (body.length > 0) {
      head.append("content-type: ").append(request.contentType()).append("\r\n");
      head.append("content-length: ").append(body.length).append("\r\n");
    }
    byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = Arrays.copyOf(bytes, bytes.length + body.length);
    System.arraycopy(body, 0, whole, bytes.length, body.length);
    out.write(whole);
    out.flush();
  }

  private record Head(int status, int length, boolean chunked) {}

  private Head head() throws IOException {
    int status = Integer.parseInt(line().substring(9, 12));
    int length = 0;
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.endsWith("chunked");
      }
    }
    return new Head(status, length, chunked);
  }

  private int chunk() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(48);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private void skip(int bytes) throws IOException {
    for (int left = bytes; left > 0; ) {
      int read = in.read(scratch, 0, Math.min(left, scratch.length));
      if (read < 0) {
        throw new EOFException("the server closed the connection");
      }
      left -= read;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
