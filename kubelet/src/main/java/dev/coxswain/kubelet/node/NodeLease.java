package dev.coxswain.kubelet.node;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's heartbeat: a Lease in kube-node-lease, renewed every ten seconds. */
public final class NodeLease {
  private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);
  private static final String NAMESPACE = "kube-node-lease";
  private static final int DURATION_SECONDS = 40;

  /** A quarter of the lease, as upstream has it. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private static final Duration RETRY = Duration.ofSeconds(1);

  private final String name;
  private final ResourceClient<Lease> leases;
  private final Supplier<Optional<Node>> node;
  private final Runnable renewed;
  private final Time time;
  private final Randomness random;
  private @Nullable Lease held;
  private boolean failing;
  private volatile boolean stopped;

  /**
   * The heartbeat of a node of this name.
   *
   * @param renewed told of each renewal; must not block
   */
  public NodeLease(
      String name,
      ApiClient api,
      Supplier<Optional<Node>> node,
      Runnable renewed,
      Time time,
      Randomness random) {
    this.name = name;
    this.leases = api.resource(Lease.class);
    this.node = node;
    this.renewed = renewed;
    this.time = time;
    this.random = random;
  }

  /** Starts on a thread of its own. */
  public void start() {
    Rounds.start("node-lease", time, () -> !stopped, this::round);
  }

  /** Ends after the write that is under way. */
  public void stop() {
    stopped = true;
  }

  private void round() throws InterruptedException {
    time.sleep(renewOnce() ? random.jitter(PERIOD, 0.04) : RETRY);
  }

  private boolean renewOnce() {
    try {
      held = renew();
      renewed.run();
      if (failing) {
        failing = false;
        LOG.info("Lease of node {} is renewed again", name);
      }
      return true;
    } catch (ApiException failure) {
      held = null;
      if (!failing) {
        failing = true;
        LOG.warn("Lease of node {} is not renewed: {}", name, failure.getMessage());
      }
      return false;
    }
  }

  private Lease renew() {
    @Nullable Lease before = held;
    if (before == null) {
      before = leases.find(new ObjectKey(NAMESPACE, name)).orElse(null);
    }
    if (before == null) {
      return leases.create(lease(new LeaseBuilder()));
    }
    try {
      return leases.update(lease(new LeaseBuilder(before)));
    } catch (ApiException failure) {
      if (failure.is(StatusReason.NOT_FOUND)) {
        return leases.create(lease(new LeaseBuilder()));
      }
      throw failure;
    }
  }

  private Lease lease(LeaseBuilder builder) {
    ZonedDateTime now =
        ZonedDateTime.ofInstant(time.now(), ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
    Lease lease =
        builder
            .editOrNewMetadata()
            .withName(name)
            .withNamespace(NAMESPACE)
            .endMetadata()
            .editOrNewSpec()
            .withHolderIdentity(name)
            .withLeaseDurationSeconds(DURATION_SECONDS)
            .withRenewTime(now)
            .endSpec()
            .build();
    node.get()
        .ifPresent(owner ->
            lease
                .getMetadata()
                .setOwnerReferences(
                    List.of(
                        new OwnerReferenceBuilder()
                            .withApiVersion("v1")
                            .withKind("Node")
                            .withName(name)
                            .withUid(owner.getMetadata().getUid())
                            .build())));
    return lease;
  }
}
