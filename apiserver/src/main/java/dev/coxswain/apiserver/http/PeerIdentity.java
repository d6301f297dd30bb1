package dev.coxswain.apiserver.http;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a client showed in the TLS handshake.
 *
 * @param chain its certificates, leaf first, verified; empty where it showed none that is trusted
 * @param problem why what it showed is not trusted; empty where it is, or it showed nothing
 */
record PeerIdentity(List<X509Certificate> chain, String problem) {
  static final PeerIdentity NONE = new PeerIdentity(List.of(), "");

  PeerIdentity {
    chain = List.copyOf(chain);
  }
}
