package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.tls.TestPki;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class OperatorPortTest {
  private static final MemberUrl PLAIN = new MemberUrl(false, "127.0.0.1", 0);
  private static final MemberUrl SECURE = new MemberUrl(true, "127.0.0.1", 0);
  private static final Pages PAGES =
      new Pages(Map.of("/health", query -> Pages.Page.json(200, "{}")));
  private static final Executor WORKERS = work -> Thread.ofVirtual().start(work);

  private final TestPki pki = new TestPki("store");

  @Test
  void anotherMachineIsAnsweredOverTlsIfItShowsACertificate() throws Exception {
    SSLContext own = context(pki.issue("CN=member", "127.0.0.1").identity(), pki);
    try (var port = new OperatorPort(List.of(PLAIN, SECURE), Optional.of(own), PAGES, WORKERS)) {
      port.start();
      int plain = port.ports().getFirst();
      int secure = port.ports().getLast();

      assertThat(status(context(null, pki), "http://127.0.0.1:" + plain)).isEqualTo(200);
      assertThat(status(context(client(pki), pki), "https://127.0.0.1:" + secure)).isEqualTo(200);
      assertThatThrownBy(() -> status(context(null, pki), "https://127.0.0.1:" + secure))
          .as("nobody")
          .isInstanceOf(IOException.class);
      SSLContext stranger = context(client(new TestPki("another")), pki);
      assertThatThrownBy(() -> status(stranger, "https://127.0.0.1:" + secure))
          .as("a certificate of another authority")
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void plainTextDoesNotLeaveTheMachineAndTlsNeedsCertificates() {
    assertThatThrownBy(() -> open(new MemberUrl(false, "0.0.0.0", 0)))
        .hasMessage(
            "--listen-metrics-urls: http://0.0.0.0:0 must be https://, or on a loopback address");
    assertThatThrownBy(() -> open(SECURE))
        .hasMessage(
            "--listen-metrics-urls: https://127.0.0.1:0 needs --cert-file, --key-file and"
                + " --trusted-ca-file");
  }

  private static void open(MemberUrl url) throws IOException {
    new OperatorPort(List.of(url), Optional.empty(), PAGES, WORKERS).close();
  }

  private static SSLContext context(@Nullable TlsIdentity identity, TestPki believed) {
    return Tls.context(identity, believed.trust());
  }

  private static TlsIdentity client(TestPki issuer) {
    return issuer.issue("CN=prometheus", "127.0.0.1").identity();
  }

  private static int status(SSLContext tls, String url) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/health")).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }
  }
}
