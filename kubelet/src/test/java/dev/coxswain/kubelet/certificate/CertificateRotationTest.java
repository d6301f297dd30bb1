package dev.coxswain.kubelet.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.tls.CertificateRequest;
import dev.coxswain.runtime.tls.PemSource;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateRotationTest {
  private static final Duration LIFE = Duration.ofHours(10);

  @TempDir private Path folder = Path.of("");

  private final ManualTime time = new ManualTime();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger changes = new AtomicInteger();
  private volatile boolean refuses;

  @Test
  void aCertificateIsRenewedBeforeItsLastTenth() throws Exception {
    CertificateFile file = new CertificateFile(folder.resolve("pki/current.pem"));
    try (CertificateRotation rotation = rotation(file)) {
      rotation.start();
      // There is none: it is asked for at once.
      await(1);
      assertThat(Files.getPosixFilePermissions(file.path()))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      Instant first = time.now();
      assertThat(file.certificate().orElseThrow().getNotAfter().toInstant())
          .isEqualTo(first.plus(LIFE));
      X509Certificate given = file.certificate().orElseThrow();
      assertThat(CertificateRotation.due(given, 0)).isEqualTo(first.plus(Duration.ofHours(7)));
      assertThat(CertificateRotation.due(given, 1)).isEqualTo(first.plus(Duration.ofHours(9)));
      advanceUntil(2);
      assertThat(time.now()).isAfterOrEqualTo(first.plus(Duration.ofHours(7)));
      assertThat(file.certificate().orElseThrow().getNotAfter().toInstant())
          .isAfter(first.plus(LIFE));
    }
  }

  @Test
  void aRefusalIsAskedAgainAndTheOldOneStays() throws Exception {
    CertificateFile file = new CertificateFile(folder.resolve("current.pem"));
    refuses = true;
    try (CertificateRotation rotation = rotation(file)) {
      rotation.start();
      // It has been refused and waits to ask again.
      Awaitility.await().until(() -> asked.get() == 1 && time.waiting() == 1);
      assertThat(file.certificate()).isEmpty();
      refuses = false;
      advanceUntil(1);
      assertThat(asked.get()).isEqualTo(2);
    }
  }

  @Test
  void aStrangerIsCertifiedAndOnceMoreWhenThatHasExpired() throws Exception {
    Path kubeconfig = folder.resolve("etc/kubelet.conf");
    CertificateFile file = new CertificateFile(folder.resolve("pki/current.pem"));
    var identity = new ClientIdentity(file, "one", kubeconfig);
    var stranger =
        new Kubeconfig(List.of(URI.create("https://10.0.0.1:6443")), null, null, null, "token");
    assertThat(identity.usable(time)).isFalse();
    identity.bootstrap(stranger, this::issue, time, Randomness.seeded(1));
    assertThat(identity.usable(time)).isTrue();
    assertThat(identity.connection(time))
        .isEqualTo(
            new Kubeconfig(
                stranger.servers(),
                null,
                new PemSource.File(file.path()),
                new PemSource.File(file.path()),
                null));
    time.advance(LIFE);
    assertThat(identity.usable(time)).isFalse();
    identity.bootstrap(stranger, this::issue, time, Randomness.seeded(1));
    assertThat(identity.usable(time)).isTrue();
    assertThat(asked.get()).isEqualTo(2);
  }

  private CertificateRotation rotation(CertificateFile file) {
    return new CertificateRotation(
        file,
        () -> CertificateRequest.of(ClientIdentity.subject("one"), List.of(), List.of()),
        this::issue,
        changes::incrementAndGet,
        time,
        Randomness.seeded(1));
  }

  private String issue(CertificateRequest request) throws Issuer.NotIssuedException {
    asked.incrementAndGet();
    if (refuses) {
      throw new Issuer.NotIssuedException("denied");
    }
    try {
      KeyPair authority = KeyPairGenerator.getInstance("EC").generateKeyPair();
      var name = new X500Name("CN=authority");
      byte[] der =
          new JcaX509v3CertificateBuilder(
                  name,
                  BigInteger.valueOf(asked.get()),
                  Date.from(time.now()),
                  Date.from(time.now().plus(LIFE)),
                  new X500Name(ClientIdentity.subject("one")),
                  request.key())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate()))
              .getEncoded();
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder().encodeToString(der)
          + "\n-----END CERTIFICATE-----\n";
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
  }

  private void await(int times) {
    Awaitility.await().until(() -> changes.get() == times);
  }

  /** The clock moves only while the rotation rests: else a renewal would take hours. */
  private void advanceUntil(int times) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> {
          if (time.waiting() == 1 && changes.get() < times) {
            time.advance(Duration.ofMinutes(10));
          }
          return changes.get() == times;
        });
  }
}
