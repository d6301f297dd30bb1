package dev.coxswain.apiserver;

import dev.coxswain.apiserver.audit.Auditor;
import dev.coxswain.apiserver.audit.Truncation;
import dev.coxswain.runtime.program.Durations;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say what the audit log tells, and to whom; under Kubernetes' names. */
final class AuditOptions {
  @Option(
      names = "--audit-policy-file",
      paramLabel = "FILE",
      description = "what the audit log tells: a Policy of audit.k8s.io/v1")
  @Nullable Path policy;

  @Option(
      names = "--audit-log-path",
      paramLabel = "FILE",
      defaultValue = "",
      description = "the audit log, a JSON event a line; - is standard output")
  String log = "";

  @Option(
      names = "--audit-log-maxage",
      paramLabel = "DAYS",
      defaultValue = "0",
      description = "how long old audit logs are kept; 0 for ever (default: ${DEFAULT-VALUE})")
  int maxAge;

  @Option(
      names = "--audit-log-maxbackup",
      paramLabel = "COUNT",
      defaultValue = "0",
      description = "how many old audit logs are kept; 0 for all (default: ${DEFAULT-VALUE})")
  int maxBackups;

  @Option(
      names = "--audit-log-maxsize",
      paramLabel = "MEGABYTES",
      defaultValue = "100",
      description = "how large an audit log may become (default: ${DEFAULT-VALUE})")
  int maxSize = 100;

  @Option(
      names = "--audit-webhook-config-file",
      paramLabel = "FILE",
      description = "a kubeconfig of the server that audit events are sent to")
  @Nullable Path webhook;

  @Option(
      names = "--audit-webhook-mode",
      paramLabel = "MODE",
      defaultValue = "batch",
      description =
          "whether requests wait until their events were sent: batch, blocking, blocking-strict"
              + " (default: ${DEFAULT-VALUE})")
  String mode = "batch";

  @Option(
      names = "--audit-webhook-batch-buffer-size",
      paramLabel = "COUNT",
      defaultValue = "10000",
      description = "how many events may wait to be sent (default: ${DEFAULT-VALUE})")
  int buffer = 10_000;

  @Option(
      names = "--audit-webhook-batch-max-size",
      paramLabel = "COUNT",
      defaultValue = "400",
      description = "how many events are sent at once (default: ${DEFAULT-VALUE})")
  int batch = 400;

  @Option(
      names = "--audit-webhook-batch-max-wait",
      paramLabel = "DURATION",
      defaultValue = "30s",
      description = "how long events wait for more (default: ${DEFAULT-VALUE})")
  String wait = "30s";

  @Option(
      names = "--audit-webhook-batch-throttle-enable",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "whether batches are held to a rate (default: ${DEFAULT-VALUE})")
  boolean throttled = true;

  @Option(
      names = "--audit-webhook-batch-throttle-qps",
      paramLabel = "RATE",
      defaultValue = "10",
      description = "how many batches are sent in a second (default: ${DEFAULT-VALUE})")
  float rate = 10;

  @Option(
      names = "--audit-webhook-batch-throttle-burst",
      paramLabel = "COUNT",
      defaultValue = "15",
      description = "how many are sent at once where few were before (default: ${DEFAULT-VALUE})")
  int burst = 15;

  @Option(
      names = "--audit-webhook-initial-backoff",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "the pause before a batch is sent again (default: ${DEFAULT-VALUE})")
  String backoff = "10s";

  @Option(
      names = "--audit-log-truncate-enabled",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "whether events written to the log that are too long lose their bodies (default:"
              + " ${DEFAULT-VALUE})")
  boolean logTruncated;

  @Option(
      names = "--audit-log-truncate-max-batch-size",
      paramLabel = "BYTES",
      defaultValue = "" + Truncation.BATCH_BYTES,
      description = "how many bytes of events go together then (default: ${DEFAULT-VALUE})")
  int logBatchBytes = Truncation.BATCH_BYTES;

  @Option(
      names = "--audit-log-truncate-max-event-size",
      paramLabel = "BYTES",
      defaultValue = "" + Truncation.EVENT_BYTES,
      description = "from how many bytes on an event is too long (default: ${DEFAULT-VALUE})")
  int logEventBytes = Truncation.EVENT_BYTES;

  @Option(
      names = "--audit-webhook-truncate-enabled",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "whether events sent to the webhook that are too long lose their bodies (default:"
              + " ${DEFAULT-VALUE})")
  boolean webhookTruncated;

  @Option(
      names = "--audit-webhook-truncate-max-batch-size",
      paramLabel = "BYTES",
      defaultValue = "" + Truncation.BATCH_BYTES,
      description = "how many bytes of events go together then (default: ${DEFAULT-VALUE})")
  int webhookBatchBytes = Truncation.BATCH_BYTES;

  @Option(
      names = "--audit-webhook-truncate-max-event-size",
      paramLabel = "BYTES",
      defaultValue = "" + Truncation.EVENT_BYTES,
      description = "from how many bytes on an event is too long (default: ${DEFAULT-VALUE})")
  int webhookEventBytes = Truncation.EVENT_BYTES;

  Auditor.Settings settings() {
    return new Auditor.Settings(
        policy,
        new Auditor.FileSettings(
            log,
            maxAge,
            maxBackups,
            maxSize,
            new Truncation(logTruncated, logBatchBytes, logEventBytes)
                .checked("--audit-log-truncate")),
        new Auditor.WebhookSettings(
            webhook,
            mode,
            buffer,
            batch,
            Durations.parse("--audit-webhook-batch-max-wait", wait),
            throttled ? rate : 0,
            burst,
            Durations.parse("--audit-webhook-initial-backoff", backoff),
            new Truncation(webhookTruncated, webhookBatchBytes, webhookEventBytes)
                .checked("--audit-webhook-truncate")));
  }
}
