package dev.coxswain.apiserver.http;

import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose client certificates are believed. The handshake itself refuses none, so that a client with
 * an old certificate is told 401 in HTTP and not cut off with a TLS alert that nobody understands;
 * {@link #verify} decides once for each connection.
 */
final class ClientTrust {
  private final X509TrustManager authorities;

  /** Trusts what these authorities issued. */
  ClientTrust(X509TrustManager authorities) {
    this.authorities = authorities;
  }

  /** Judges the certificates that a handshake brought. */
  PeerIdentity verify(Certificate @Nullable [] shown) {
    if (shown == null || shown.length == 0) {
      return PeerIdentity.NONE;
    }
    List<X509Certificate> chain = new ArrayList<>();
    for (Certificate certificate : shown) {
      if (certificate instanceof X509Certificate known) {
        chain.add(known);
      }
    }
    try {
      authorities.checkClientTrusted(
          chain.toArray(X509Certificate[]::new), chain.getFirst().getPublicKey().getAlgorithm());
      return new PeerIdentity(chain, "");
    } catch (CertificateException e) {
      return new PeerIdentity(List.of(), String.valueOf(e.getMessage()));
    }
  }

  /** Asks for a certificate from these authorities and accepts what comes, for {@link #verify}. */
  TrustManager handshake() {
    return new X509ExtendedTrustManager() {
      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type) {}

      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

      @Override
      public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type)
          throws CertificateException {
        throw new CertificateException("this side is the server");
      }

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
          throws CertificateException {
        throw new CertificateException("this side is the server");
      }

      @Override
      public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
          throws CertificateException {
        throw new CertificateException("this side is the server");
      }

      @Override
      public X509Certificate[] getAcceptedIssuers() {
        return authorities.getAcceptedIssuers();
      }
    };
  }
}
