package dev.coxswain.runtime.tls;

import dev.coxswain.runtime.program.Reloading;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whom this process believes: the authorities of a PEM bundle, followed when its file changes. */
public final class TlsTrust extends X509ExtendedTrustManager {
  private final Reloading<X509ExtendedTrustManager> current;

  /**
   * Reads the bundle for the first time.
   *
   * @throws IllegalArgumentException naming the source that is not what it should be
   * @throws java.io.UncheckedIOException naming the file that cannot be read
   */
  public TlsTrust(PemSource authorities) {
    current = PemSource.reloading(List.of(authorities), () -> load(authorities));
  }

  private static X509ExtendedTrustManager load(PemSource source) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (X509Certificate certificate : Pem.certificates(source.read())) {
        store.setCertificateEntry("ca-" + count++, certificate);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager extended) {
          return extended;
        }
      }
      throw new IllegalStateException("the JDK lacks an X509ExtendedTrustManager");
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(source + " " + e.getMessage(), e);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(source + " cannot be used: " + e.getMessage(), e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    current.current().checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    current.current().checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    current.current().checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    current.current().checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    current.current().checkClientTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    current.current().checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return current.current().getAcceptedIssuers();
  }
}
