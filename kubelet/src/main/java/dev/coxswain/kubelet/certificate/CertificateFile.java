package dev.coxswain.kubelet.certificate;

import dev.coxswain.runtime.file.DurableFile;
import dev.coxswain.runtime.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** A certificate with its key in one file of PEM text, which only its owner may read. */
public record CertificateFile(Path path) {

  /** The certificate; empty where there is none that can be read. */
  public Optional<X509Certificate> certificate() {
    try {
      byte[] text = Files.readAllBytes(path);
      Pem.privateKey(text);
      return Optional.of(Pem.certificates(text).getFirst());
    } catch (IOException | IllegalArgumentException none) {
      return Optional.empty();
    }
  }

  /** Replaces both at once: who reads finds the old pair or the new one, after a crash too. */
  public void write(String certificate, String key) throws IOException {
    Files.createDirectories(path.getParent());
    DurableFile.writeSecret(path, certificate.strip() + "\n" + key);
  }
}
