package dev.coxswain.runtime.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final TestPki pki = new TestPki("test-ca");
  @TempDir private Path folder;

  @Test
  void bothSidesPresentTheirCertificates() throws Exception {
    SSLContext server =
        Tls.context(pki.issue("CN=server", "127.0.0.1", "localhost").identity(), pki.trust());
    SSLContext client = Tls.context(pki.issue("CN=client").identity(), pki.trust());

    assertThat(handshake(server, client)).containsExactly("CN=server", "CN=client");
  }

  @Test
  void aStrangersCertificateIsRefused() throws Exception {
    SSLContext server =
        Tls.context(pki.issue("CN=server", "127.0.0.1", "localhost").identity(), pki.trust());
    TestPki other = new TestPki("other-ca");
    SSLContext client = Tls.context(pki.issue("CN=client").identity(), other.trust());

    assertThatExceptionOfType(SSLException.class).isThrownBy(() -> handshake(server, client));
  }

  @Test
  void changedFilesAreUsedByTheNextHandshakeAndBadOnesAreNot() throws Exception {
    Path certificate = folder.resolve("tls.crt");
    Path key = folder.resolve("tls.key");
    write(pki.issue("CN=first", "127.0.0.1", "localhost"), certificate, key);
    SSLContext server = Tls.context(Tls.identity(certificate, key), pki.trust());
    SSLContext client = Tls.context(pki.issue("CN=client").identity(), pki.trust());
    assertThat(handshake(server, client)).first().isEqualTo("CN=first");

    write(pki.issue("CN=second-one", "127.0.0.1", "localhost"), certificate, key);
    assertThat(handshake(server, client)).first().isEqualTo("CN=second-one");

    TestPki.write(certificate, "nonsense");
    assertThat(handshake(server, client)).first().isEqualTo("CN=second-one");

    write(pki.issue("CN=the-third", "127.0.0.1", "localhost"), certificate, key);
    assertThat(handshake(server, client)).first().isEqualTo("CN=the-third");
  }

  @Test
  void authoritiesThatComeAndGoCountFromTheNextHandshakeOn() throws Exception {
    TestPki other = new TestPki("other-ca");
    Path authorities = TestPki.write(folder.resolve("ca.crt"), pki.authorityPem());
    SSLContext server =
        Tls.context(
            pki.issue("CN=server", "127.0.0.1", "localhost").identity(), Tls.trust(authorities));
    SSLContext stranger = Tls.context(other.issue("CN=stranger").identity(), pki.trust());
    assertThatThrownBy(() -> handshake(server, stranger)).isInstanceOf(IOException.class);

    TestPki.write(authorities, pki.authorityPem() + other.authorityPem());
    assertThat(handshake(server, stranger)).containsExactly("CN=server", "CN=stranger");

    TestPki.write(authorities, pki.authorityPem());
    SSLContext again = Tls.context(other.issue("CN=stranger").identity(), pki.trust());
    assertThatThrownBy(() -> handshake(server, again)).isInstanceOf(IOException.class);
  }

  @Test
  void namesTheFileThatIsWrong() {
    Path missing = folder.resolve("none.crt");
    assertThatExceptionOfType(java.io.UncheckedIOException.class)
        .isThrownBy(() -> Tls.trust(missing))
        .withMessage("cannot read " + missing + ": there is no such file");
    Path empty = TestPki.write(folder.resolve("empty.crt"), "");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Tls.trust(empty))
        .withMessage(empty + " holds no PEM block of the type CERTIFICATE");
  }

  private static void write(TestPki.Issued issued, Path certificate, Path key) {
    TestPki.write(key, issued.keyPem());
    TestPki.write(certificate, issued.certificatePem());
  }

  /** The subjects that the client and the server saw. */
  private static List<String> handshake(SSLContext server, SSLContext client) throws Exception {
    var seen = new AtomicReference<String>("nobody");
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (var listener =
        (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
      listener.setNeedClientAuth(true);
      listener.setSoTimeout(TIMEOUT_MILLIS);
      Thread accepting =
          Thread.startVirtualThread(() -> {
            try (var accepted = (SSLSocket) listener.accept()) {
              accepted.setSoTimeout(TIMEOUT_MILLIS);
              accepted.startHandshake();
              seen.set(subject(accepted));
              accepted.getOutputStream().write(1);
            } catch (IOException refused) {
              seen.set("refused");
            }
          });
      String serverSeen;
      try (var socket =
          (SSLSocket) client.getSocketFactory().createSocket(loopback, listener.getLocalPort())) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getInputStream().read()).isEqualTo(1);
        serverSeen = subject(socket);
      }
      // Only now: each side's orderly close waits for the other's.
      accepting.join();
      return List.of(serverSeen, seen.get());
    }
  }

  private static String subject(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }
}
