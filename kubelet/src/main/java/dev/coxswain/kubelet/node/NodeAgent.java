package dev.coxswain.kubelet.node;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.pressure.Pressure;
import dev.coxswain.kubelet.shutdown.NodeShutdown;
import dev.coxswain.proto.cri.StatusResponse;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Pause;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers the node and keeps its status true; never gives up while the API server is away. */
public final class NodeAgent implements NodeShutdown.Notice {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);

  /** How often the status is looked at; upstream's {@code nodeStatusUpdateFrequency}. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** While the node is not ready, it is looked at more often, so that it becomes ready soon. */
  private static final Duration PERIOD_UNREADY = Duration.ofMillis(500);

  /** How often an unchanged status is written; upstream's {@code nodeStatusReportFrequency}. */
  private static final Duration REPORT = Duration.ofMinutes(5);

  private static final Duration RETRY = Duration.ofSeconds(1);

  private final NodeSettings settings;
  private final MachineInfo machine;
  private final ResourceClient<Node> nodes;
  private final ImageStore images;
  private final Supplier<StatusResponse> runtime;
  private final Supplier<Optional<String>> problem;
  private final Supplier<Set<Pressure>> pressures;
  private final VolumesInUse volumes;
  private final NodeEvents events;
  private final Time time;
  private final Pause due;
  private final Randomness random;
  private @Nullable Instant reportedAt;
  private boolean failing;
  private volatile @Nullable Node current;
  private volatile Runnable heard = () -> {};
  private volatile boolean stopped;

  /**
   * An agent for this node.
   *
   * @param runtime what the runtime can do; fails while it does not answer
   * @param problem why the node cannot run pods; empty if it can
   * @param pressures what the node is short of
   * @param volumes the attachable ones that its pods use
   */
  public NodeAgent(
      NodeSettings settings,
      MachineInfo machine,
      ApiClient api,
      ImageStore images,
      Supplier<StatusResponse> runtime,
      Supplier<Optional<String>> problem,
      Supplier<Set<Pressure>> pressures,
      VolumesInUse volumes,
      NodeEvents events,
      Time time,
      Randomness random) {
    this.settings = settings;
    this.machine = machine;
    this.nodes = api.resource(Node.class);
    this.images = images;
    this.runtime = runtime;
    this.problem = problem;
    this.pressures = pressures;
    this.volumes = volumes;
    this.events = events;
    this.time = time;
    this.due = new Pause(time);
    this.random = random;
  }

  /** Starts on a thread of its own. */
  public void start() {
    volumes.onChange(due::end);
    events.normal("Starting", "Starting kubelet.");
    Rounds.start("node-status", time, () -> !stopped, this::round);
  }

  /** Ends after the write that is under way. */
  public void stop() {
    stopped = true;
    due.end();
  }

  /** The status is due now. */
  @Override
  public void send() {
    due.end();
  }

  @Override
  public boolean heard() {
    return node().filter(known -> !ready(known.getStatus())).isPresent();
  }

  @Override
  public void onHearing(Runnable listener) {
    heard = listener;
  }

  private void knows(Node newer) {
    current = newer;
    heard.run();
  }

  /** The node as the API last had it; empty before it is registered. */
  public Optional<Node> node() {
    return Optional.ofNullable(current);
  }

  private void round() throws InterruptedException {
    Duration pause;
    try {
      if (current == null) {
        knows(register());
        LOG.info("Node {} is registered", settings.name());
      }
      pause = update() ? random.jitter(PERIOD, 0.04) : PERIOD_UNREADY;
      if (failing) {
        failing = false;
        LOG.info("Status of node {} is written again", settings.name());
      }
    } catch (ApiException failure) {
      // Only the first failure of a row is news.
      if (!failing) {
        failing = true;
        LOG.warn("Status of node {} is not written: {}", settings.name(), failure.getMessage());
      }
      if (failure.is(StatusReason.NOT_FOUND)) {
        // Somebody deleted the node: a kubelet that runs registers it again.
        current = null;
      }
      pause = RETRY;
    }
    due.rest(pause);
  }

  private Node register() {
    Optional<Node> known = nodes.find(key());
    if (known.isEmpty()) {
      Node created =
          new NodeBuilder()
              .withNewMetadata()
              .withName(settings.name())
              .withLabels(labels())
              .endMetadata()
              .withNewSpec()
              .endSpec()
              .withStatus(status(new NodeStatus(), List.of()))
              .build();
      assignCidr(created);
      try {
        Node node = nodes.create(created);
        tell(new NodeStatus(), created.getStatus());
        return node;
      } catch (ApiException failure) {
        if (!failure.is(StatusReason.ALREADY_EXISTS)) {
          throw failure;
        }
        known = nodes.find(key());
      }
    }
    Node node = known.orElseThrow(() -> new ApiException(StatusReason.NOT_FOUND, "no such node"));
    Map<String, String> labels = new LinkedHashMap<>();
    if (node.getMetadata().getLabels() != null) {
      labels.putAll(node.getMetadata().getLabels());
    }
    boolean lacksLabels = !labels.entrySet().containsAll(labels().entrySet());
    boolean lacksCidr = !settings.podCidr().isEmpty() && node.getSpec().getPodCIDR() == null;
    if (lacksLabels || lacksCidr) {
      labels.putAll(labels());
      node.getMetadata().setLabels(labels);
      assignCidr(node);
      return nodes.update(node);
    }
    return node;
  }

  private void assignCidr(Node node) {
    if (!settings.podCidr().isEmpty() && node.getSpec().getPodCIDR() == null) {
      node.getSpec().setPodCIDR(settings.podCidr());
      node.getSpec().setPodCIDRs(List.of(settings.podCidr()));
    }
  }

  private Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>(settings.labels());
    String architecture = machine.system().getArchitecture();
    labels.put("kubernetes.io/hostname", settings.name());
    labels.put("kubernetes.io/os", "linux");
    labels.put("kubernetes.io/arch", architecture);
    labels.put("beta.kubernetes.io/os", "linux");
    labels.put("beta.kubernetes.io/arch", architecture);
    return labels;
  }

  /** Writes the status where it changed or is due; true if the node is ready. */
  private boolean update() {
    Node before =
        nodes
            .find(key())
            .orElseThrow(() -> new ApiException(StatusReason.NOT_FOUND, "the node was deleted"));
    NodeStatus old = before.getStatus() == null ? new NodeStatus() : before.getStatus();
    NodeStatus status = status(old, images());
    Instant now = time.now();
    boolean due = reportedAt == null || Duration.between(reportedAt, now).compareTo(REPORT) > 0;
    if (due || !withoutHeartbeats(old).equals(withoutHeartbeats(status))) {
      knows(nodes.updateStatus(new NodeBuilder(before).withStatus(status).build()));
      reportedAt = now;
      tell(old, status);
    } else {
      knows(before);
    }
    return ready(status);
  }

  private void tell(NodeStatus before, NodeStatus after) {
    NodeNews.between(settings.name(), before, after)
        .forEach(item -> events.record(item.warning(), item.reason(), item.message()));
  }

  private static boolean ready(NodeStatus status) {
    return status.getConditions().stream()
        .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True"));
  }

  private NodeStatus status(NodeStatus before, List<ContainerImage> found) {
    Optional<String> wrong = problem.get();
    List<NodeCondition> conditions =
        NodeConditions.write(before.getConditions(), wrong, pressures.get(), time.now());
    Map<String, io.fabric8.kubernetes.api.model.Quantity> capacity = new LinkedHashMap<>();
    if (before.getCapacity() != null) {
      // Extended resources are other writers' business.
      capacity.putAll(before.getCapacity());
    }
    capacity.putAll(settings.capacity(machine));
    // Who adds an extended resource names its capacity; nothing of it is held back.
    var allocatable = new LinkedHashMap<>(capacity);
    allocatable.putAll(settings.allocatable(machine));
    NodeStatusBuilder status =
        new NodeStatusBuilder(before)
            .withAddresses(
                new NodeAddress(settings.address(), "InternalIP"),
                new NodeAddress(settings.name(), "Hostname"))
            .withCapacity(capacity)
            .withAllocatable(allocatable)
            .withConditions(conditions)
            .withNodeInfo(machine.system())
            .withNewDaemonEndpoints()
            .withNewKubeletEndpoint(settings.port())
            .endDaemonEndpoints()
            .withImages(found)
            .withVolumesInUse(volumes.names());
    // A runtime that may not answer is not waited for once more.
    if (wrong.isEmpty()) {
      abilities(status);
    }
    return status.build();
  }

  private void abilities(NodeStatusBuilder status) {
    try {
      StatusResponse told = runtime.get();
      status
          .withRuntimeHandlers(NodeAbilities.handlers(told))
          .withFeatures(NodeAbilities.features(told).orElse(null));
    } catch (CriException away) {
      LOG.debug("What the runtime can do stays as it was told: {}", away.getMessage());
    }
  }

  private List<ContainerImage> images() {
    try {
      return NodeImages.of(images.list());
    } catch (CriException failure) {
      return List.of();
    }
  }

  private static NodeStatus withoutHeartbeats(NodeStatus status) {
    NodeStatus copy = new NodeStatusBuilder(status).build();
    copy.getConditions().forEach(condition -> condition.setLastHeartbeatTime(null));
    return copy;
  }

  private ObjectKey key() {
    return ObjectKey.cluster(settings.name());
  }
}
