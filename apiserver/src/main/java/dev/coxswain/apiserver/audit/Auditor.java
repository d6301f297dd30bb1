package dev.coxswain.apiserver.audit;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins the trail of every request that the policy wants to be told of. */
public final class Auditor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Auditor.class);

  /** Says which request an event is about; a client may choose it. */
  private static final String ID = "Audit-Id";

  /** How long an identifier that a client chose may be, in characters. */
  private static final int LONGEST_ID = 64;

  private final AuditPolicy policy;
  private final @Nullable AuditLog target;
  private final Time time;
  private final Randomness randomness;

  /**
   * Where the policy is and the log goes.
   *
   * @param policy the policy's file; null tells nothing
   * @param log the log's file, {@code -} for standard output; empty tells nothing
   * @param maxAgeDays how long a file that was set aside is kept; 0 for ever
   * @param maxBackups how many files that were set aside are kept; 0 for all
   * @param maxMegabytes how large a file may become
   */
  public record Settings(
      @Nullable Path policy, String log, int maxAgeDays, int maxBackups, int maxMegabytes) {}

  Auditor(AuditPolicy policy, @Nullable AuditLog target, Time time, Randomness randomness) {
    this.policy = policy;
    this.target = target;
    this.time = time;
    this.randomness = randomness;
  }

  /** Tells nothing. */
  public static Auditor off(Time time, Randomness randomness) {
    return new Auditor(new AuditPolicy(List.of(), Set.of(), false), null, time, randomness);
  }

  /**
   * Opens the log.
   *
   * @throws IllegalArgumentException where the policy makes no sense
   * @throws UncheckedIOException where the log cannot be opened
   */
  public static Auditor open(
      Settings settings, PrometheusRegistry registry, Time time, Randomness randomness) {
    if (settings.policy() == null || settings.log().isEmpty()) {
      if (settings.policy() != null || !settings.log().isEmpty()) {
        log.warn(
            "audit: nothing is told: both --audit-policy-file and --audit-log-path are needed");
      }
      return off(time, randomness);
    }
    AuditPolicy policy = PolicyFile.read(settings.policy());
    AuditLog target = new AuditLog(target(settings, time), new AuditMetrics(registry), time);
    return new Auditor(policy, target, time, randomness);
  }

  private static AuditLog.Target target(Settings settings, Time time) {
    if (settings.log().equals("-")) {
      return new StandardOutput();
    }
    try {
      return new LogFile(
          Path.of(settings.log()),
          new LogFile.Limits(
              (long) settings.maxMegabytes() << 20,
              Duration.ofDays(settings.maxAgeDays()),
              settings.maxBackups()),
          time);
    } catch (IOException e) {
      throw new UncheckedIOException("--audit-log-path: " + e.getMessage(), e);
    }
  }

  /** Gives an exchange its identifier, and tells it to the client. */
  public String identify(Exchange exchange) {
    String given = exchange.request().header(ID);
    boolean usable =
        !given.isEmpty()
            && given.length() <= LONGEST_ID
            && given.chars().allMatch(c -> c > ' ' && c < 0x7f);
    String id = usable ? given : randomness.uuid();
    exchange.header(ID, id);
    return id;
  }

  /**
   * Begins the trail of a request.
   *
   * @param user who asks
   * @throws dev.coxswain.api.status.ApiException where the log cannot be written
   */
  public AuditTrail begin(Exchange exchange, RequestInfo info, String id, UserInfo user)
      throws InterruptedException {
    AuditLog open = target;
    if (open == null) {
      return AuditTrail.NONE;
    }
    AuditPolicy.Verdict verdict = policy.judge(info.attributes(user));
    if (verdict.level() == Level.NONE) {
      return AuditTrail.NONE;
    }
    open.awaitWritable();
    AuditTrail trail =
        new AuditTrail(
            open, verdict, new AuditEvent(exchange.request(), info, id, user, time.now()), time);
    trail.received();
    exchange.listen(trail);
    return trail;
  }

  /** Tells of a request whose credentials prove nothing. */
  public void unauthenticated(Exchange exchange, RequestInfo info, String id)
      throws InterruptedException {
    AuditLog open = target;
    if (open == null) {
      return;
    }
    UserInfo nobody = UserInfo.of("", List.of());
    AuditPolicy.Verdict verdict = policy.judge(info.attributes(nobody));
    if (verdict.level() != Level.NONE) {
      new AuditTrail(
              open, verdict, new AuditEvent(exchange.request(), info, id, nobody, time.now()), time)
          .unauthenticated(exchange.request().credentials());
    }
  }

  /** Writes what still waits. */
  @Override
  public void close() {
    AuditLog open = target;
    if (open != null) {
      open.close();
    }
  }
}
