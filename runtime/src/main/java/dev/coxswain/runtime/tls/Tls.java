package dev.coxswain.runtime.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Puts identities and trust together. */
public final class Tls {
  private Tls() {}

  /** The identity in two files. */
  public static TlsIdentity identity(Path certificate, Path key) {
    return new TlsIdentity(new PemSource.File(certificate), new PemSource.File(key));
  }

  /** The trust in the authorities of a file. */
  public static TlsTrust trust(Path authorities) {
    return new TlsTrust(new PemSource.File(authorities));
  }

  /**
   * A context for either side.
   *
   * @param identity what to present; null for a client that stays anonymous
   * @param trust whom to believe; null for the JDK's own authorities
   */
  public static SSLContext context(@Nullable TlsIdentity identity, @Nullable TlsTrust trust) {
    return context(
        identity == null ? null : new KeyManager[] {identity},
        trust == null ? null : new TrustManager[] {trust});
  }

  /**
   * A context for a client that stays anonymous and asks nobody for proof: for questions that carry
   * no secret and whose answers are only looked at, as probes are.
   */
  public static SSLContext toAnyServer() {
    return context(null, new TrustManager[] {new AnyServer()});
  }

  private static SSLContext context(
      KeyManager @Nullable [] identities, TrustManager @Nullable [] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(identities, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK cannot do TLS", e);
    }
  }
}
