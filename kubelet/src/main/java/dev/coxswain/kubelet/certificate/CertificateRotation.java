package dev.coxswain.kubelet.certificate;

import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.CertificateRequest;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a certificate from expiring: has another issued when, as upstream has it, between 70 and 90
 * of a hundred parts of its time are over, or at once where there is none; never gives up.
 */
public final class CertificateRotation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateRotation.class);
  private static final double EARLIEST = 0.7;
  private static final double SPREAD = 0.2;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

  private final CertificateFile file;
  private final Supplier<CertificateRequest> wanted;
  private final Issuer issuer;
  private final Runnable changed;
  private final Time time;
  private final Randomness random;
  private @Nullable Thread thread;

  /**
   * A rotation, not yet started.
   *
   * @param wanted makes a request with a new key
   * @param changed is told when the file holds another certificate
   */
  public CertificateRotation(
      CertificateFile file,
      Supplier<CertificateRequest> wanted,
      Issuer issuer,
      Runnable changed,
      Time time,
      Randomness random) {
    this.file = file;
    this.wanted = wanted;
    this.issuer = issuer;
    this.changed = changed;
    this.time = time;
    this.random = random;
  }

  /** Starts on a thread of its own. */
  public void start() {
    thread =
        Rounds.start(
            "certificate-" + file.path().getFileName(), time, () -> true, this::renewWhenDue);
  }

  @Override
  public void close() {
    @Nullable Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  private void renewWhenDue() throws InterruptedException {
    Duration left = untilDue();
    if (left.isPositive()) {
      time.sleep(left);
    }
    renewAtLast();
  }

  /** Has a certificate issued now, however often it takes. */
  void renewAtLast() throws InterruptedException {
    Duration retry = FIRST_RETRY;
    while (true) {
      CertificateRequest request = wanted.get();
      try {
        file.write(issuer.issue(request), request.keyPem());
        LOG.info("{} holds a new certificate", file.path());
        changed.run();
        return;
      } catch (Issuer.NotIssuedException | IOException failure) {
        LOG.warn("{} is not renewed yet: {}", file.path(), failure.getMessage());
      }
      time.sleep(random.jitter(retry, 0.1));
      Duration doubled = retry.multipliedBy(2);
      retry = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
    }
  }

  private Duration untilDue() {
    Optional<X509Certificate> current = file.certificate();
    if (current.isEmpty()) {
      return Duration.ZERO;
    }
    return Duration.between(time.now(), due(current.get(), random.fraction()));
  }

  /** When the certificate is renewed, the fraction being what chance says. */
  static Instant due(X509Certificate certificate, double fraction) {
    Instant from = certificate.getNotBefore().toInstant();
    Duration life = Duration.between(from, certificate.getNotAfter().toInstant());
    return from.plusSeconds(Math.round(life.toSeconds() * (EARLIEST + SPREAD * fraction)));
  }
}
