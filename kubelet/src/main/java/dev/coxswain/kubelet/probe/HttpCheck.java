package dev.coxswain.kubelet.probe;

import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * One HTTP GET; 200 to 399 passes. The certificate of an https check is not verified, as upstream
 * has it: the check asks whether the container answers, not who it is.
 */
public final class HttpCheck {
  /** A status line is far shorter; whoever sends more is no HTTP server. */
  private static final int STATUS_LINE_BYTES = 1024;

  private HttpCheck() {}

  /** Runs the check against the address, unless the action names a host itself. */
  public static CheckResult run(
      HTTPGetAction action, int port, String podAddress, Duration timeout) {
    String host =
        action.getHost() == null || action.getHost().isEmpty() ? podAddress : action.getHost();
    boolean tls = "HTTPS".equalsIgnoreCase(action.getScheme());
    String path = action.getPath() == null || action.getPath().isEmpty() ? "/" : action.getPath();
    String authority = (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    String url =
        (tls ? "https" : "http") + "://" + authority + (path.startsWith("/") ? "" : "/") + path;
    Deadline deadline = Deadline.in(timeout);
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(host, port), deadline.millisLeft());
      plain.setSoTimeout(deadline.millisLeft());
      try (Socket socket = tls ? secure(plain, host, port) : plain) {
        send(socket.getOutputStream(), action, path, authority);
        int status = status(socket, deadline);
        return status >= 200 && status < 400
            ? CheckResult.PASSED
            : CheckResult.failed("HTTP probe failed with statuscode: " + status);
      }
    } catch (SocketTimeoutException late) {
      return CheckResult.failed(
          "Get \""
              + url
              + "\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
    } catch (ConnectException refused) {
      return CheckResult.failed(
          "Get \"" + url + "\": dial tcp " + authority + ": connect: " + words(refused));
    } catch (UnknownHostException unknown) {
      return CheckResult.failed("Get \"" + url + "\": dial tcp: lookup " + host + ": no such host");
    } catch (IOException | GeneralSecurityException | IllegalArgumentException failure) {
      return CheckResult.failed("Get \"" + url + "\": " + failure.getMessage());
    }
  }

  static String words(ConnectException refused) {
    String message = String.valueOf(refused.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("refused") ? "connection refused" : message;
  }

  private static void send(OutputStream out, HTTPGetAction action, String path, String authority)
      throws IOException {
    StringBuilder request = new StringBuilder();
    request.append("GET ").append(path.startsWith("/") ? "" : "/").append(path);
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
      request.append("Host: ").append(authority).append("\r\n");
    }
    if (!agent) {
      request.append("User-Agent: kube-probe/1.34\r\n");
    }
    if (!accept) {
      request.append("Accept: */*\r\n");
    }
    request.append("Connection: close\r\n\r\n");
    out.write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static int status(Socket socket, Deadline deadline) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder line = new StringBuilder();
    while (line.length() < STATUS_LINE_BYTES) {
      socket.setSoTimeout(deadline.millisLeft());
      int next = in.read();
      if (next < 0) {
        throw new IOException("EOF");
      }
      if (next == '\n') {
        String[] words = line.toString().strip().split(" ", 3);
        if (words.length > 1 && words[0].startsWith("HTTP/") && words[1].matches("[0-9]{3}")) {
          return Integer.parseInt(words[1]);
        }
        break;
      }
      line.append((char) next);
    }
    throw new IOException("malformed HTTP response \"" + line.toString().strip() + "\"");
  }

  private static Socket secure(Socket plain, String host, int port)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyCertificate()}, null);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
    socket.startHandshake();
    return socket;
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
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
