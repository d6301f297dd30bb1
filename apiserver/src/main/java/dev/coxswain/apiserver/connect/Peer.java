package dev.coxswain.apiserver.connect;

import io.netty.handler.ssl.SslContext;

/** Who is at the other end of a connection, and how it is told from somebody else. */
public sealed interface Peer {
  /** A kubelet: this server shows it its client certificate and checks the kubelet's. */
  record Kubelet() implements Peer {}

  /** Whatever listens there: a certificate that nobody here can judge is not judged. */
  record Anyone() implements Peer {}

  /**
   * One that is known by name, whatever the address it is reached at.
   *
   * @param context whom to believe, and what to show
   * @param name what its certificate must be for
   * @param verified whether the certificate is looked at
   */
  record Named(SslContext context, String name, boolean verified) implements Peer {}
}
