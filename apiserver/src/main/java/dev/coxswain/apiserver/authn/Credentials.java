package dev.coxswain.apiserver.authn;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request showed to prove who it is from.
 *
 * @param clientCertificates the client's certificate chain, leaf first, already verified against
 *     the client CA by the TLS handshake; empty where the client sent none
 * @param bearerToken the token of the {@code Authorization} header; null where there is none
 * @param path what is asked for, since some paths may be open to everybody
 */
public record Credentials(
    List<X509Certificate> clientCertificates, @Nullable String bearerToken, String path) {

  /** Nothing shown. */
  public static final Credentials NONE = new Credentials(List.of(), null, "");

  public Credentials {
    clientCertificates = List.copyOf(clientCertificates);
  }

  /** A token alone. */
  public static Credentials token(String token) {
    return new Credentials(List.of(), token, "");
  }

  /** Without the token: it never reaches a log. */
  @Override
  public String toString() {
    return "Credentials[certificates="
        + clientCertificates.size()
        + ", bearerToken="
        + (bearerToken == null ? "none" : "given")
        + "]";
  }
}
