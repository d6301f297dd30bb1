package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a leader writes into its Lease, in the fields' own meanings. */
final class HeldLease {
  private HeldLease() {}

  /** Who holds it; empty for nobody. */
  static String holder(Lease lease) {
    LeaseSpec spec = lease.getSpec();
    return spec == null ? "" : Objects.requireNonNullElse(spec.getHolderIdentity(), "");
  }

  /** The lease as taken or renewed, on top of the one that is there. */
  static Lease by(
      String identity, @Nullable Lease current, ObjectKey key, Duration lasting, Instant now) {
    ZonedDateTime renewed = timestamp(now);
    if (current == null) {
      return new LeaseBuilder()
          .withNewMetadata()
          .withNamespace(key.namespace())
          .withName(key.name())
          .endMetadata()
          .withNewSpec()
          .withHolderIdentity(identity)
          .withLeaseDurationSeconds((int) lasting.toSeconds())
          .withAcquireTime(renewed)
          .withRenewTime(renewed)
          .withLeaseTransitions(0)
          .endSpec()
          .build();
    }
    boolean mine = holder(current).equals(identity);
    LeaseSpec spec = Objects.requireNonNullElseGet(current.getSpec(), LeaseSpec::new);
    int before = Objects.requireNonNullElse(spec.getLeaseTransitions(), 0);
    ZonedDateTime acquired = spec.getAcquireTime();
    return new LeaseBuilder(current)
        .editOrNewSpec()
        .withHolderIdentity(identity)
        .withLeaseDurationSeconds((int) lasting.toSeconds())
        .withAcquireTime(mine && acquired != null ? acquired : renewed)
        .withRenewTime(renewed)
        .withLeaseTransitions(mine ? before : before + 1)
        .endSpec()
        .build();
  }

  /** The lease for whoever comes first. */
  static Lease givenUp(Lease current, Instant now) {
    return new LeaseBuilder(current)
        .editSpec()
        .withHolderIdentity("")
        .withLeaseDurationSeconds(1)
        .withRenewTime(timestamp(now))
        .endSpec()
        .build();
  }

  private static ZonedDateTime timestamp(Instant now) {
    return now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
  }
}
