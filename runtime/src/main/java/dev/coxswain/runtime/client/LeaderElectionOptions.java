package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.LeaderElector.Timing;
import dev.coxswain.runtime.program.Durations;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the copies of a daemon agree on which of them works: Kubernetes' flags. */
public final class LeaderElectionOptions {
  private static final String LEASE = "--leader-elect-lease-duration";
  private static final String RENEW = "--leader-elect-renew-deadline";
  private static final String RETRY = "--leader-elect-retry-period";

  @Option(
      names = "--leader-elect",
      arity = "0..1",
      fallbackValue = "true",
      description = "Whether to work only while holding the lease. Default: true.")
  private @Nullable Boolean elect;

  @Option(
      names = LEASE,
      paramLabel = "DURATION",
      description = "How long others wait after the last renewal that they saw. Default: 6s.")
  private @Nullable String lease;

  @Option(
      names = RENEW,
      paramLabel = "DURATION",
      description = "How long it works on after its own last renewal. Default: 4s.")
  private @Nullable String renew;

  @Option(
      names = RETRY,
      paramLabel = "DURATION",
      description = "The pause between two tries to get the lease. Default: 1.5s.")
  private @Nullable String retry;

  @Option(
      names = "--leader-elect-resource-name",
      paramLabel = "NAME",
      description = "The lease's name. Default: the program's.")
  private @Nullable String resourceName;

  @Option(
      names = "--leader-elect-resource-namespace",
      paramLabel = "NAMESPACE",
      description = "The lease's namespace. Default: kube-system.")
  private @Nullable String resourceNamespace;

  /** Whether there is an election at all. */
  public boolean elect() {
    return elect(true);
  }

  /** Whether there is an election at all; the fallback's word where no flag says so. */
  public boolean elect(boolean fallback) {
    return elect == null ? fallback : elect;
  }

  /** What the copies compete for; the parts that no flag gives are the fallback's. */
  public ObjectKey lease(ObjectKey fallback) {
    return new ObjectKey(
        Objects.requireNonNullElse(resourceNamespace, fallback.namespace()),
        Objects.requireNonNullElse(resourceName, fallback.name()));
  }

  /**
   * The times; those that no flag gives are the fallback's.
   *
   * @throws IllegalArgumentException naming the flag that is no duration, or the times that do not
   *     fit each other
   */
  public Timing timing(Timing fallback) {
    return new Timing(
        duration(LEASE, lease, fallback.lease()),
        duration(RENEW, renew, fallback.renewDeadline()),
        duration(RETRY, retry, fallback.retry()));
  }

  private static Duration duration(String flag, @Nullable String given, Duration fallback) {
    return given == null ? fallback : Durations.parse(flag, given);
  }
}
