package dev.coxswain.kubelet.csi;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Backoff;
import dev.coxswain.runtime.client.Patch;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriverBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINodeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Tells the API which drivers this node has: its CSINode, and the Node's labels of topology. */
public final class DriverReport {
  private static final Logger LOG = LoggerFactory.getLogger(DriverReport.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final String NODE_IDS = "csi.volume.kubernetes.io/nodeid";
  private static final JsonMapper JSON = new JsonMapper();

  private final String name;
  private final Drivers drivers;
  private final Supplier<Optional<Node>> node;
  private final ResourceClient<CSINode> csiNodes;
  private final ResourceClient<Node> nodes;
  private final Time time;
  private final Backoff pause;
  private boolean due = true;
  private boolean stopped;

  /**
   * A report of these drivers.
   *
   * @param node the node as the API has it; empty before it is registered
   */
  public DriverReport(
      String name,
      Drivers drivers,
      Supplier<Optional<Node>> node,
      ApiClient api,
      Time time,
      Randomness random) {
    this.name = name;
    this.drivers = drivers;
    this.node = node;
    this.csiNodes = api.resource(CSINode.class);
    this.nodes = api.resource(Node.class);
    this.time = time;
    this.pause = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random);
  }

  /** Starts on a thread of its own. */
  public void start() {
    drivers.listen(this::wake);
    Rounds.start("driver-report", time, this::wanted, this::round);
  }

  /** Ends after the write that is under way. */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  private synchronized void wake() {
    due = true;
    notifyAll();
  }

  private synchronized boolean wanted() {
    return !stopped;
  }

  private void round() throws InterruptedException {
    await();
    if (!wanted()) {
      return;
    }
    boolean told = false;
    try {
      report();
      told = true;
      pause.reset();
    } catch (ApiException failure) {
      LOG.warn("The drivers of this node are not told yet: {}", failure.getMessage());
      time.sleep(pause.next());
    } finally {
      if (!told) {
        wake();
      }
    }
  }

  private synchronized void await() throws InterruptedException {
    while (!due && !stopped) {
      wait();
    }
    due = false;
  }

  void report() throws InterruptedException {
    Optional<Node> registered = node.get();
    if (registered.isEmpty()) {
      time.sleep(FIRST_PAUSE);
      wake();
      return;
    }
    label();
    ObjectKey key = ObjectKey.cluster(name);
    Optional<CSINode> known = csiNodes.find(key);
    List<CSINodeDriver> shown = shown(known);
    if (known.isEmpty()) {
      csiNodes.create(
          new CSINodeBuilder()
              .withNewMetadata()
              .withName(name)
              .addNewOwnerReference()
              .withApiVersion("v1")
              .withKind("Node")
              .withName(name)
              .withUid(registered.get().getMetadata().getUid())
              .endOwnerReference()
              .endMetadata()
              .withNewSpec()
              .withDrivers(shown)
              .endSpec()
              .build());
    } else if (!shown.equals(known.get().getSpec().getDrivers())) {
      csiNodes.update(
          new CSINodeBuilder(known.get()).editSpec().withDrivers(shown).endSpec().build());
    }
  }

  /**
   * Those that have registered, and those that an earlier kubelet told of and that have not been
   * here yet: they register soon, and meanwhile volumes are attached and counted by what stands
   * there.
   */
  private List<CSINodeDriver> shown(Optional<CSINode> known) {
    Map<String, CSINodeDriver> shown = new TreeMap<>();
    known.map(CSINode::getSpec).map(CSINodeSpec::getDrivers).orElse(List.of()).stream()
        .filter(driver -> !drivers.left(driver.getName()))
        .forEach(driver -> shown.put(driver.getName(), driver));
    drivers.all().forEach(driver -> shown.put(driver.name(), shown(driver)));
    return List.copyOf(shown.values());
  }

  /** Labels stay when a driver goes: volumes that were made for them still need them. */
  private void label() {
    List<Driver> all = drivers.all();
    if (all.isEmpty()) {
      return;
    }
    Map<String, String> ids = all.stream().collect(Collectors.toMap(Driver::name, Driver::nodeId));
    Map<String, String> labels = new TreeMap<>();
    all.forEach(driver -> labels.putAll(driver.topology()));
    nodes.patch(
        ObjectKey.cluster(name),
        new Patch.Merge(
            JSON.writeValueAsString(
                Map.of(
                    "metadata",
                    Map.of(
                        "annotations",
                        Map.of(NODE_IDS, JSON.writeValueAsString(new TreeMap<>(ids))),
                        "labels",
                        labels)))));
  }

  private static CSINodeDriver shown(Driver driver) {
    CSINodeDriverBuilder shown =
        new CSINodeDriverBuilder()
            .withName(driver.name())
            .withNodeID(driver.nodeId())
            .withTopologyKeys(driver.topology().keySet().stream().sorted().toList());
    if (driver.mostVolumes() > 0) {
      shown.withNewAllocatable(Math.toIntExact(Math.min(driver.mostVolumes(), Integer.MAX_VALUE)));
    }
    return Objects.requireNonNull(shown.build());
  }
}
