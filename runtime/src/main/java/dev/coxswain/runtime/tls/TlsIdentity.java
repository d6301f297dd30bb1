package dev.coxswain.runtime.tls;

import dev.coxswain.runtime.program.Reloading;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Who this process is: a certificate chain and its private key, followed when their files change.
 * One identity serves as a server's and as a client's; it is presented whatever authorities the
 * peer names, because there is no other.
 */
public final class TlsIdentity extends X509ExtendedKeyManager {
  private final Reloading<Material> current;
  private volatile @Nullable Material before;
  private volatile @Nullable Material latest;

  /**
   * The alias is the material's own, so that a handshake never mixes an old key with a new chain.
   */
  private record Material(String alias, List<X509Certificate> chain, PrivateKey key) {}

  /**
   * Reads the two for the first time.
   *
   * @throws IllegalArgumentException naming the source that is not what it should be
   * @throws UncheckedIOException naming the file that cannot be read
   */
  public TlsIdentity(PemSource certificate, PemSource key) {
    current = PemSource.reloading(List.of(certificate, key), () -> load(certificate, key));
    latest = current.current();
  }

  private static Material load(PemSource certificate, PemSource key) {
    List<X509Certificate> chain;
    try {
      chain = Pem.certificates(certificate.read());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(certificate + " " + e.getMessage(), e);
    }
    PrivateKey privateKey;
    try {
      privateKey = Pem.privateKey(key.read());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + " " + e.getMessage(), e);
    }
    if (!privateKey.getAlgorithm().equals(chain.getFirst().getPublicKey().getAlgorithm())) {
      throw new IllegalArgumentException(key + " is not the key of the certificate " + certificate);
    }
    String serial = chain.getFirst().getSerialNumber().toString(16);
    return new Material("identity-" + serial, chain, privateKey);
  }

  /** The certificate that is presented now. */
  public X509Certificate certificate() {
    return refresh().chain().getFirst();
  }

  private synchronized Material refresh() {
    Material now = current.current();
    if (!now.equals(latest)) {
      before = latest;
      latest = now;
    }
    return now;
  }

  private @Nullable String choose(String... keyTypes) {
    Material material = refresh();
    String algorithm = material.key().getAlgorithm();
    for (String type : keyTypes) {
      if (type.equals(algorithm)
          || (type.equals("RSASSA-PSS") && algorithm.equals("RSA"))
          || (type.startsWith("EC") && algorithm.equals("EC"))
          || (type.startsWith("Ed") && algorithm.equals("EdDSA"))) {
        return material.alias();
      }
    }
    return null;
  }

  private @Nullable Material byAlias(String alias) {
    Material now = latest;
    if (now != null && now.alias().equals(alias)) {
      return now;
    }
    Material old = before;
    return old != null && old.alias().equals(alias) ? old : null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyType);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyType);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = choose(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return getClientAliases(keyType, issuers);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Material material = byAlias(alias);
    return material == null ? null : material.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Material material = byAlias(alias);
    return material == null ? null : material.key();
  }
}
