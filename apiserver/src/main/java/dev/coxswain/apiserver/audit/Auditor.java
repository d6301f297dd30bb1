package dev.coxswain.apiserver.audit;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
  private final @Nullable EventSink target;
  private final Time time;
  private final Randomness randomness;

  /**
   * Where the policy is and events go.
   *
   * @param policy the policy's file; null tells nothing
   */
  public record Settings(@Nullable Path policy, FileSettings file, WebhookSettings webhook) {}

  /**
   * A log in a file.
   *
   * @param path the file, {@code -} for standard output; empty for none
   * @param maxAgeDays how long a file that was set aside is kept; 0 for ever
   * @param maxBackups how many files that were set aside are kept; 0 for all
   * @param maxMegabytes how large a file may become
   * @param truncation how long an event may be
   */
  public record FileSettings(
      String path, int maxAgeDays, int maxBackups, int maxMegabytes, Truncation truncation) {}

  /**
   * A server that events are sent to.
   *
   * @param config its kubeconfig file; null for none
   * @param mode {@code batch}, {@code blocking} or {@code blocking-strict}
   * @param buffer how many events may wait
   * @param batch how many are sent at once
   * @param longestWait how long a batch waits for more
   * @param perSecond how many batches are sent in a second; 0 for as many as come
   * @param burst how many may be sent at once where few were before
   * @param backoff the pause after a first failure
   * @param truncation how long an event and a batch may be
   */
  public record WebhookSettings(
      @Nullable Path config,
      String mode,
      int buffer,
      int batch,
      Duration longestWait,
      double perSecond,
      int burst,
      Duration backoff,
      Truncation truncation) {

    AuditWebhook.Settings checked() {
      AuditWebhook.Mode parsed =
          switch (mode) {
            case "batch" -> AuditWebhook.Mode.BATCH;
            case "blocking" -> AuditWebhook.Mode.BLOCKING;
            case "blocking-strict" -> AuditWebhook.Mode.BLOCKING_STRICT;
            default ->
                throw new IllegalArgumentException(
                    "--audit-webhook-mode: "
                        + mode
                        + " is not supported; there are batch, blocking, blocking-strict");
          };
      if (buffer < 1 || batch < 1 || batch > buffer) {
        throw new IllegalArgumentException(
            "--audit-webhook-batch-max-size: must be positive and not greater than"
                + " --audit-webhook-batch-buffer-size");
      }
      if (perSecond < 0 || (perSecond > 0 && burst < 1)) {
        throw new IllegalArgumentException(
            "--audit-webhook-batch-throttle-qps and --audit-webhook-batch-throttle-burst: must be"
                + " positive");
      }
      boolean batches = parsed == AuditWebhook.Mode.BATCH;
      return new AuditWebhook.Settings(
          parsed,
          buffer,
          batch,
          longestWait,
          batches ? perSecond : 0,
          burst,
          backoff,
          truncation.fullBytes());
    }
  }

  Auditor(AuditPolicy policy, @Nullable EventSink target, Time time, Randomness randomness) {
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
    boolean file = !settings.file().path().isEmpty();
    boolean webhook = settings.webhook().config() != null;
    if (settings.policy() == null || !(file || webhook)) {
      if (settings.policy() != null || file || webhook) {
        log.warn(
            "audit: nothing is told: --audit-policy-file is needed, and --audit-log-path or"
                + " --audit-webhook-config-file");
      }
      return off(time, randomness);
    }
    AuditPolicy policy = PolicyFile.read(settings.policy());
    AuditMetrics metrics = new AuditMetrics(registry);
    List<EventSink> sinks = new ArrayList<>();
    if (file) {
      sinks.add(
          settings
              .file()
              .truncation()
              .before(new AuditLog(target(settings.file(), time), metrics, time), metrics));
    }
    if (settings.webhook().config() != null) {
      AuditWebhook sender =
          new AuditWebhook(
              new HttpSender(Kubeconfig.read(settings.webhook().config())),
              settings.webhook().checked(),
              metrics,
              time);
      sinks.add(settings.webhook().truncation().before(sender, metrics));
    }
    return new Auditor(policy, new EventSinks(sinks, metrics), time, randomness);
  }

  private static AuditLog.Target target(FileSettings settings, Time time) {
    if (settings.path().equals("-")) {
      return new StandardOutput();
    }
    try {
      return new LogFile(
          Path.of(settings.path()),
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
    EventSink open = target;
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
    EventSink open = target;
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
    EventSink open = target;
    if (open != null) {
      open.close();
    }
  }
}
