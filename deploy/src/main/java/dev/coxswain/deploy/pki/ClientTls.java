package dev.coxswain.deploy.pki;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.runtime.tls.Pem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A TLS client that shows one of the cluster's certificates and trusts one of its authorities. */
public record ClientTls(SSLContext context) {
  private static final char[] NO_PASSWORD = new char[0];

  public static ClientTls of(Path authority, Path certificate, Path key) {
    try {
      X509Certificate own = Authority.parse(PemFiles.decode(certificate));
      KeyStore keys = emptyStore();
      keys.setKeyEntry(
          "own", Pem.privateKey(Files.readAllBytes(key)), NO_PASSWORD, new Certificate[] {own});
      var keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keyManagers.init(keys, NO_PASSWORD);
      KeyStore trusted = emptyStore();
      trusted.setCertificateEntry("authority", Authority.parse(PemFiles.decode(authority)));
      var trustManagers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trustManagers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
      return new ClientTls(context);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException damaged) {
      throw new CoxException("cannot use " + certificate + ": " + damaged.getMessage(), damaged);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    @Nullable InputStream empty = null;
    store.load(empty, null);
    return store;
  }
}
