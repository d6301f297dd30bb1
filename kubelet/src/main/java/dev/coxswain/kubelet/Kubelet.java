package dev.coxswain.kubelet;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.kubelet.admission.Admission;
import dev.coxswain.kubelet.admission.Refusal;
import dev.coxswain.kubelet.certificate.Serving;
import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.container.AppArmor;
import dev.coxswain.kubelet.container.ContainerConfigs;
import dev.coxswain.kubelet.cri.CriClient;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.LocalChannel;
import dev.coxswain.kubelet.cri.RuntimeHints;
import dev.coxswain.kubelet.cri.Snapshots;
import dev.coxswain.kubelet.csi.ClaimGrowth;
import dev.coxswain.kubelet.csi.CsiVolumes;
import dev.coxswain.kubelet.csi.DriverReport;
import dev.coxswain.kubelet.csi.Drivers;
import dev.coxswain.kubelet.csi.PluginFolder;
import dev.coxswain.kubelet.csi.Registrations;
import dev.coxswain.kubelet.env.Environment;
import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.event.UnlessBrokenOff;
import dev.coxswain.kubelet.garbage.DeadContainers;
import dev.coxswain.kubelet.garbage.ImageGarbage;
import dev.coxswain.kubelet.garbage.PinnedImages;
import dev.coxswain.kubelet.image.CredentialPlugins;
import dev.coxswain.kubelet.image.ImageManager;
import dev.coxswain.kubelet.image.PluginCounts;
import dev.coxswain.kubelet.log.ContainerLogs;
import dev.coxswain.kubelet.log.LogRotator;
import dev.coxswain.kubelet.manifest.Mirrors;
import dev.coxswain.kubelet.manifest.StaticPods;
import dev.coxswain.kubelet.node.KnownNode;
import dev.coxswain.kubelet.node.MachineInfo;
import dev.coxswain.kubelet.node.NodeAgent;
import dev.coxswain.kubelet.node.NodeLease;
import dev.coxswain.kubelet.node.VolumesInUse;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pressure.Evictor;
import dev.coxswain.kubelet.pressure.MachineMeasures;
import dev.coxswain.kubelet.pressure.NodeMeasures;
import dev.coxswain.kubelet.probe.ProbeCounts;
import dev.coxswain.kubelet.report.NodeReports;
import dev.coxswain.kubelet.sandbox.RuntimeHandlers;
import dev.coxswain.kubelet.sandbox.SandboxConfigs;
import dev.coxswain.kubelet.server.KubeletServer;
import dev.coxswain.kubelet.shutdown.Fence;
import dev.coxswain.kubelet.shutdown.NodeShutdown;
import dev.coxswain.kubelet.usage.UsageReader;
import dev.coxswain.kubelet.volume.ImageVolumes;
import dev.coxswain.kubelet.volume.ServiceAccountTokens;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.kubelet.worker.ClusterObjects;
import dev.coxswain.kubelet.worker.LeftOvers;
import dev.coxswain.kubelet.worker.NodeFacts;
import dev.coxswain.kubelet.worker.NodePods;
import dev.coxswain.kubelet.worker.NodeWiring;
import dev.coxswain.kubelet.worker.PodAccounts;
import dev.coxswain.kubelet.worker.PodActions;
import dev.coxswain.kubelet.worker.PodManager;
import dev.coxswain.kubelet.worker.Readiness;
import dev.coxswain.kubelet.worker.ReferencedObjects;
import dev.coxswain.kubelet.worker.Relist;
import dev.coxswain.kubelet.worker.VolumeRefresher;
import dev.coxswain.proto.cri.VersionResponse;
import dev.coxswain.runtime.access.DelegatedAccess;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.program.Signals;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.Tls;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole kubelet, put together and started in order. */
final class Kubelet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Kubelet.class);
  private static final Path CGROUP_MOUNT = Path.of("/sys/fs/cgroup");
  private static final Duration RUNTIME_RETRY = Duration.ofSeconds(1);
  private static final Duration SYNC_NOTICE = Duration.ofSeconds(10);

  private final KubeletSettings settings;
  private final Serving serving;
  private final ApiClient api;
  private final Informer<Pod> pods;
  private final Informer<Service> services;
  private final PodEvents events;
  private final NodeEvents nodeEvents;
  private final Time time;
  private final Randomness random;
  private final LocalChannel channel;
  private final CriClient runtime;
  private final KubeletServer server = new KubeletServer();
  private volatile @Nullable NodeAgent nodeAgent;
  private volatile @Nullable Evictor evictor;
  private volatile @Nullable NodeShutdown shutdown;
  private final java.util.ArrayDeque<Runnable> stopping = new java.util.ArrayDeque<>();

  Kubelet(
      KubeletSettings settings,
      Serving serving,
      ApiClient api,
      Informer<Pod> pods,
      Informer<Service> services,
      PodEvents events,
      NodeEvents nodeEvents,
      Time time,
      Randomness random) {
    this.settings = settings;
    this.serving = serving;
    this.api = api;
    this.pods = pods;
    this.services = services;
    this.events = events;
    this.nodeEvents = nodeEvents;
    this.time = time;
    this.random = random;
    this.channel = new LocalChannel(settings.runtimeEndpoint());
    this.runtime = new CriClient(channel.grpc());
  }

  /** Starts everything on the runtime, which is there. */
  void start(VersionResponse version) throws IOException {
    Files.createDirectories(settings.paths().pods());
    MachineInfo machine =
        MachineInfo.read(
            settings.paths().root(),
            version.getRuntimeName() + "://" + version.getRuntimeVersion());
    NodeFacts facts =
        new NodeFacts(
            settings.node().name(),
            settings.node().address(),
            settings.node().allocatable(machine));

    services.index(
        ClusterObjects.BY_NAMESPACE, service -> List.of(service.getMetadata().getNamespace()));
    ClusterObjects objects = new ClusterObjects(api, services, time);
    ServiceAccountTokens tokens = new ServiceAccountTokens(api, time);
    VolumesInUse inUse = new VolumesInUse();
    Drivers drivers = new Drivers();
    CsiVolumes driven =
        new CsiVolumes(
            settings.paths(),
            settings.node().name(),
            drivers,
            objects,
            tokens,
            inUse,
            new ClaimGrowth(api.resource(PersistentVolumeClaim.class), objects, events));
    VolumeManager volumes =
        new VolumeManager(
            settings.paths(),
            objects,
            driven,
            new ImageVolumes(settings.paths(), runtime, runtime, new Snapshots(channel.grpc())),
            tokens,
            time);
    PodCgroups cgroups =
        new PodCgroups(CGROUP_MOUNT, settings.cgroupRoot(), settings.podPidsLimit());
    PodEvents ofActions = new UnlessBrokenOff(events);
    PluginCounts plugins = new PluginCounts();
    RuntimeHandlers handlers = new RuntimeHandlers(objects::runtimeClass);
    PodActions.Parts parts =
        new PodActions.Parts(
            runtime,
            settings.paths(),
            cgroups,
            volumes,
            new ImageManager(
                runtime,
                objects,
                settings.paths().root().resolve("config.json"),
                new CredentialPlugins(
                    settings.credentials(), new PodAccounts(objects, tokens), plugins, time),
                ofActions,
                settings.parallelPulls(),
                time),
            new SandboxConfigs(settings.paths(), cgroups, settings.dns()),
            handlers,
            facts,
            ofActions,
            time);
    ContainerConfigs configs =
        new ContainerConfigs(
            settings.paths(),
            new Environment(objects),
            volumes,
            settings.dns().domain(),
            machine.memoryBytes(),
            cgroups.ofEachContainer(),
            pod -> runtime.mountsReadOnlyRecursively(handlers.of(pod)));
    Mirrors mirrors = new Mirrors(api, settings.node().name(), this::node);
    Admission admission =
        new Admission(
            facts.allocatable(),
            new KnownNode(settings.node().name(), this::node, api),
            pods,
            this::refusal,
            settings.sysctls(),
            this::strictGroups);
    ProbeCounts probes = new ProbeCounts();
    PodDecider decider = new PodDecider(facts.address(), settings.longestBackOff());
    PodManager manager =
        NodeWiring.podManager(parts, configs, api, mirrors, admission, probes, decider);
    onStop(manager::close);

    Relist relist = new Relist(runtime, manager, time);
    relist.start();
    onStop(relist::stop);
    RuntimeHints hints = new RuntimeHints(channel.grpc(), time, relist);
    hints.start();
    onStop(hints::stop);
    Readiness readiness =
        new Readiness(
            runtime::status,
            relist::healthy,
            () -> Optional.ofNullable(shutdown).flatMap(NodeShutdown::problem),
            time);
    UsageReader usage = new UsageReader(runtime, settings.paths(), cgroups, volumes::claims);
    NodeMeasures measures = new MachineMeasures(settings.paths().root(), runtime, usage);
    serve(
        manager,
        readiness,
        new NodeReports(
            settings.node().name(),
            manager::running,
            usage,
            measures,
            probes,
            plugins,
            settings.configuration(),
            time));
    Evictor pressures = guard(manager, measures);

    NodeAgent agent =
        new NodeAgent(
            settings.node(),
            machine,
            api,
            runtime,
            runtime::abilities,
            readiness,
            pressures::pressures,
            inUse,
            nodeEvents,
            time,
            random);
    nodeAgent = agent;
    pressures.onChange(agent::send);
    NodeShutdown leaving =
        new NodeShutdown(
            settings.shutdown(), settings.paths().root(), manager, nodeEvents, agent, time);
    shutdown = leaving;
    Signals.on("USR1", leaving::begin);
    agent.start();
    onStop(agent::stop);
    register(drivers, agent);
    Fence fence = new Fence(settings.fence(), manager, () -> stopUnknown(manager), time);
    fence.renewed();
    onStop(fence::close);
    NodeLease lease =
        new NodeLease(settings.node().name(), api, agent::node, fence::renewed, time, random);
    lease.start();
    onStop(lease::stop);

    VolumeRefresher refresher = new VolumeRefresher(manager, volumes, facts, events, time, random);
    refresher.start();
    onStop(refresher::stop);

    follow(inUse, manager);
    services.start();
    pods.handle(objects); // Before who starts the pods.
    pods.handle(manager);
    pods.handle(refresher);
    ReferencedObjects referenced =
        new ReferencedObjects(source(), objects::shown, refresher::refreshSoon);
    pods.handle(referenced);
    onStop(referenced::close);
    startStaticPods(manager, mirrors);
    LogRotator rotator =
        new LogRotator(
            settings.logs(),
            () -> manager.logs(settings.paths()),
            runtime::reopenContainerLog,
            time);
    rotator.start();
    onStop(rotator::stop);
    onStop(pods::close);
    onStop(services::close);
    LeftOvers leftOvers = new LeftOvers(settings.paths(), volumes, cgroups, manager::uids);
    Thread.ofVirtual().name("pod-source").start(() -> follow(manager, leftOvers, drivers));
  }

  /** Has the pods whose volumes are to be attached told when they are. */
  private void follow(VolumesInUse inUse, PodManager manager) {
    Informer<Node> node =
        ListWatchInformer.of(
            api,
            Node.class,
            "",
            ListOptions.fields("metadata.name=" + settings.node().name()),
            time,
            random);
    inUse.onNews(manager::volumesChanged);
    node.handle(inUse);
    node.start();
    onStop(node::close);
  }

  /** Takes storage drivers on and tells the API which there are. */
  private void register(Drivers drivers, NodeAgent agent) throws IOException {
    DriverReport report =
        new DriverReport(settings.node().name(), drivers, agent::node, api, time, random);
    report.start();
    onStop(report::stop);
    PluginFolder plugins =
        new PluginFolder(
            settings.paths().root().resolve("plugins_registry"),
            new Registrations(drivers, time, random),
            time);
    plugins.start();
    onStop(plugins::stop);
  }

  /** What keeps the node from running short of anything. */
  private Evictor guard(PodManager manager, NodeMeasures measures) {
    ImageGarbage images =
        new ImageGarbage(
            runtime,
            runtime,
            new PinnedImages(channel.grpc())::names,
            manager::mountedImages,
            measures,
            settings.images(),
            nodeEvents,
            time);
    images.start();
    onStop(images::stop);
    DeadContainers containers =
        new DeadContainers(runtime, new ContainerLogs(settings.paths()), manager::ended);
    Evictor guard =
        new Evictor(
            settings.node().eviction(),
            measures,
            () -> {
              containers.remove();
              images.removeAllUnused();
            },
            manager,
            events,
            nodeEvents,
            time);
    evictor = guard;
    guard.start();
    onStop(guard::stop);
    return guard;
  }

  private void startStaticPods(PodManager manager, Mirrors mirrors) throws IOException {
    @Nullable Path manifests = settings.manifests();
    if (manifests != null) {
      StaticPods staticPods =
          new StaticPods(manifests, settings.node().name(), manager, mirrors, pods::all, time);
      pods.handle(staticPods);
      staticPods.start();
      onStop(staticPods::stop);
    }
  }

  private ReferencedObjects.Source source() {
    // A generic method cannot be a lambda.
    return new ReferencedObjects.Source() {
      @Override
      public <T extends HasMetadata> Informer<T> one(Class<T> type, ObjectKey key) {
        return ListWatchInformer.of(
            api,
            type,
            key.namespace(),
            ListOptions.fields("metadata.name=" + key.name()),
            time,
            random);
      }
    };
  }

  /** Why the node takes no such pod now, whatever room it has. */
  private Optional<Refusal> refusal(Pod pod) {
    return Optional.ofNullable(shutdown)
        .flatMap(NodeShutdown::refusal)
        .or(() -> Optional.ofNullable(evictor).flatMap(known -> known.refusal(pod)))
        .or(() -> AppArmor.problem(pod).map(why -> new Refusal("AppArmor", why)));
  }

  private boolean strictGroups() {
    try {
      return runtime.features().getSupplementalGroupsPolicy();
    } catch (CriException away) {
      return false;
    }
  }

  private Optional<Node> node() {
    @Nullable NodeAgent agent = nodeAgent;
    return agent == null ? Optional.empty() : agent.node();
  }

  private void serve(PodManager manager, Readiness readiness, NodeReports reports) {
    NodePods pods =
        new NodePods(
            manager,
            new NodePods.Logs(settings.paths(), Optional.ofNullable(settings.systemLogs())),
            runtime,
            reports,
            readiness);
    DelegatedAccess access = new DelegatedAccess(api, time);
    serving.begin(identity ->
        server.serve(
            settings.api(),
            Tls.context(identity, settings.clients()),
            settings.node().name(),
            pods,
            access,
            time));
    // Alive is what the health port answers for; whether pods can run is the node's condition.
    server.serveHealth(settings.health(), Optional::empty);
  }

  /** Services first, because containers are told of them; then pods; then what is left of old. */
  private void follow(PodManager manager, LeftOvers leftOvers, Drivers drivers) {
    try {
      awaitSync(services, "services");
      pods.start();
      awaitSync(pods, "pods");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return;
    }
    AtomicBoolean adopted = new AtomicBoolean();
    Rounds.run(
        "pod-source",
        time,
        () -> !adopted.get(),
        () -> {
          try {
            manager.adoptOrphans(runtime);
            leftOvers.sweep();
            adopted.set(true);
          } catch (CriException failure) {
            time.sleep(RUNTIME_RETRY);
          }
        });
    // What a driver mounted, only it can unmount.
    drivers.listen(() -> Thread.ofVirtual().name("left-overs").start(leftOvers::sweep));
  }

  private boolean stopUnknown(PodManager manager) {
    try {
      manager.adoptOrphans(runtime);
      return true;
    } catch (CriException away) {
      return false;
    }
  }

  private static void awaitSync(Informer<?> informer, String what) throws InterruptedException {
    while (!informer.awaitSync(SYNC_NOTICE)) {
      LOG.warn("The {} of the API server have not been listed yet", what);
    }
  }

  /** Waits for the runtime and asks it what it is. */
  VersionResponse awaitRuntime() throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        return runtime.version();
      } catch (CriException failure) {
        if (!told) {
          told = true;
          LOG.warn(
              "The container runtime at {} does not answer yet: {}",
              settings.runtimeEndpoint(),
              failure.getMessage());
        }
        time.sleep(RUNTIME_RETRY);
      }
    }
  }

  private void onStop(Runnable step) {
    stopping.push(step);
  }

  /** Stops everything of the kubelet, in the reverse order; the pods run on. */
  @Override
  public void close() {
    while (!stopping.isEmpty()) {
      stopping.pop().run();
    }
    server.close();
    channel.close();
  }
}
