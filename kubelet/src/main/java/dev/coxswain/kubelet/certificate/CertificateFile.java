package dev.coxswain.kubelet.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coxswain.runtime.tls.Pem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;

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
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.createDirectories(path.getParent());
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer text = ByteBuffer.wrap((certificate.strip() + "\n" + key).getBytes(US_ASCII));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      channel.force(true);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
  }
}
