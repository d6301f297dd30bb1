package dev.coxswain.apiserver.oidc;

import dev.coxswain.runtime.tls.PemSource;
import org.jspecify.annotations.Nullable;

/**
 * Where an issuer tells its keys.
 *
 * @param issuer its URL, as it stands in tokens
 * @param discovery where its document is
 * @param authorities the CA of its certificate; null for the JDK's own
 */
record KeySource(String issuer, String discovery, @Nullable PemSource authorities) {

  /** With the document where OpenID wants it. */
  static KeySource of(String issuer, @Nullable PemSource authorities) {
    String separator = issuer.endsWith("/") ? "" : "/";
    return new KeySource(
        issuer, issuer + separator + ".well-known/openid-configuration", authorities);
  }
}
