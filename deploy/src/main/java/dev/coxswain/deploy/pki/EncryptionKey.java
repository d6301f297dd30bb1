package dev.coxswain.deploy.pki;

import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.KeyGenerator;

/** The key with which API servers encrypt Secrets before they store them. */
final class EncryptionKey {
  private static final int BITS = 256;

  private EncryptionKey() {}

  /** A new key in the file that API servers read; what was stored plain can be read, too. */
  static String configuration() {
    try {
      KeyGenerator generator = KeyGenerator.getInstance("AES");
      generator.init(BITS);
      String key = Base64.getEncoder().encodeToString(generator.generateKey().getEncoded());
      return """
      # Rotate: put a new key first, restart the API servers, write all Secrets again
      # (kubectl get secrets -A -o json | kubectl replace -f -), then take the old key out.
      apiVersion: apiserver.config.k8s.io/v1
      kind: EncryptionConfiguration
      resources:
      - resources: [secrets]
        providers:
        - aesgcm:
            keys:
            - {name: key1, secret: "%s"}
        - identity: {}
      """
          .formatted(key);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has AES", impossible);
    }
  }
}
