package dev.coxswain.kubelet.certificate;

import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.file.DurableFile;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.CertificateRequest;
import dev.coxswain.runtime.tls.Pem;
import dev.coxswain.runtime.tls.PemSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who the kubelet is to the API server.
 *
 * @param file where the certificate lies that it has renewed
 * @param node the node's name
 * @param kubeconfig how it reaches the API server
 */
public record ClientIdentity(CertificateFile file, String node, Path kubeconfig) {

  /** The name that the certificates of a node bear. */
  public static String subject(String node) {
    return "CN=system:node:" + node + ", O=system:nodes";
  }

  /** Whether the kubeconfig is there and, where it names a certificate, that has not expired. */
  public boolean usable(Time time) {
    if (!Files.exists(kubeconfig)) {
      return false;
    }
    PemSource certificate = Kubeconfig.read(kubeconfig).certificate();
    try {
      return certificate == null || valid(Pem.certificates(certificate.read()).getFirst(), time);
    } catch (IllegalArgumentException | UncheckedIOException missing) {
      return false;
    }
  }

  private static boolean valid(X509Certificate certificate, Time time) {
    return certificate.getNotAfter().toInstant().isAfter(time.now());
  }

  /** Has the first certificate issued, however long that takes, and writes the kubeconfig. */
  public void bootstrap(Kubeconfig stranger, Issuer issuer, Time time, Randomness random)
      throws IOException, InterruptedException {
    if (file.certificate().filter(known -> valid(known, time)).isEmpty()) {
      rotation(issuer, () -> {}, time, random).renewAtLast();
    }
    String text = text(stranger);
    Files.createDirectories(kubeconfig.toAbsolutePath().getParent());
    DurableFile.writePublic(kubeconfig, text);
  }

  private String text(Kubeconfig stranger) {
    String servers =
        stranger.servers().stream().map(URI::toString).collect(Collectors.joining(","));
    PemSource authorities = stranger.authorities();
    String trusted =
        authorities == null
            ? ""
            : ", certificate-authority-data: "
                + Base64.getEncoder().encodeToString(authorities.read());
    return """
    apiVersion: v1
    kind: Config
    clusters:
      - {name: default, cluster: {server: "%s"%s}}
    users:
      - {name: kubelet, user: {client-certificate: "%s", client-key: "%s"}}
    contexts:
      - {name: default, context: {cluster: default, user: kubelet}}
    current-context: default
    """
        .formatted(servers, trusted, file.path(), file.path());
  }

  /**
   * The kubeconfig with the certificate that is renewed in place of its own, unless its own is
   * newer.
   *
   * @throws IllegalArgumentException where there is neither
   */
  public Kubeconfig connection(Time time) throws IOException {
    Kubeconfig given = Kubeconfig.read(kubeconfig);
    PemSource certificate = given.certificate();
    PemSource key = given.key();
    if (certificate == null || key == null) {
      throw new IllegalArgumentException(
          "kubeconfig " + kubeconfig + " has no client certificate that could be renewed");
    }
    PemSource own = new PemSource.File(file.path());
    if (!certificate.equals(own)) {
      byte[] chain = certificate.read();
      X509Certificate first = Pem.certificates(chain).getFirst();
      Optional<X509Certificate> renewed = file.certificate();
      Instant from = first.getNotBefore().toInstant();
      boolean keep =
          renewed.isPresent()
              && !renewed.get().getNotBefore().toInstant().isBefore(from)
              && valid(renewed.get(), time);
      if (!keep) {
        file.write(
            new String(chain, StandardCharsets.ISO_8859_1),
            new String(key.read(), StandardCharsets.ISO_8859_1));
      }
    }
    return new Kubeconfig(given.servers(), given.authorities(), own, own, null);
  }

  /** Keeps the certificate from expiring. */
  public CertificateRotation rotation(
      Issuer issuer, Runnable changed, Time time, Randomness random) {
    return new CertificateRotation(
        file,
        () -> CertificateRequest.of(subject(node), List.of(), List.of()),
        issuer,
        changed,
        time,
        random);
  }
}
