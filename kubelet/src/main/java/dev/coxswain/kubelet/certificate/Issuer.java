package dev.coxswain.kubelet.certificate;

import dev.coxswain.runtime.tls.CertificateRequest;

/** Has certificates issued. */
@FunctionalInterface
public interface Issuer {
  /**
   * Asks, and waits for the answer.
   *
   * @return the chain, PEM
   * @throws NotIssuedException with the reason
   */
  String issue(CertificateRequest request) throws NotIssuedException, InterruptedException;

  /** There is no certificate, or not yet. */
  final class NotIssuedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Tells why. */
    public NotIssuedException(String message) {
      super(message);
    }
  }
}
