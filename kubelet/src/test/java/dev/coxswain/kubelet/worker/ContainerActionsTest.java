package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.container.ContainerConfigs;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.cri.LocalChannel;
import dev.coxswain.kubelet.cri.Snapshots;
import dev.coxswain.kubelet.dns.ResolverConfig;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.env.Environment;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.image.AccountTokens;
import dev.coxswain.kubelet.image.CredentialPlugins;
import dev.coxswain.kubelet.image.ImageManager;
import dev.coxswain.kubelet.image.PluginCounts;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.ContainerKind;
import dev.coxswain.kubelet.pod.Failure;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.sandbox.RuntimeHandlers;
import dev.coxswain.kubelet.sandbox.SandboxConfigs;
import dev.coxswain.kubelet.volume.DriverVolumes;
import dev.coxswain.kubelet.volume.ImageVolumes;
import dev.coxswain.kubelet.volume.ServiceAccountTokens;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerConfig;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.LifecycleBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a node that has all images, and whose runtime writes down what it is asked to do. */
final class ContainerActionsTest {
  private static final SandboxView SANDBOX =
      new SandboxView("s1", 0, true, Instant.EPOCH, List.of("10.1.0.2"));

  @TempDir private Path folder = Path.of("");
  private final ManualTime time = new ManualTime();
  private final LocalChannel nobody = new LocalChannel("/nowhere/containerd.sock");
  private final List<String> done = new ArrayList<>();
  private final List<Container> running = new ArrayList<>();

  @AfterEach
  void close() {
    nobody.close();
  }

  @Test
  void whoseFirstHookFailsHasItsLastOneRun() throws Exception {
    Pod pod =
        new PodBuilder(pod())
            .editSpec()
            .editFirstContainer()
            .withLifecycle(
                new LifecycleBuilder()
                    .withNewPostStart()
                    .withNewExec()
                    .withCommand("greet")
                    .endExec()
                    .endPostStart()
                    .withNewPreStop()
                    .withNewExec()
                    .withCommand("part")
                    .endExec()
                    .endPreStop()
                    .build())
            .endContainer()
            .endSpec()
            .build();
    assertThat(start(pod, "main", ContainerKind.MAIN).map(Failure::reason))
        .contains("PostStartHookError");
    assertThat(done)
        .containsExactly(
            "create main",
            "Created Created container: main",
            "start c1",
            "Started Started container main",
            "exec [greet]",
            "FailedPostStartHook PostStartHook failed",
            "Killing FailedPostStartHook",
            "exec [part]",
            "stop c1 after 30 s");
  }

  @Test
  void whoIsToSeeAnotherWaitsUntilThatRuns() throws Exception {
    Pod pod =
        new PodBuilder(pod())
            .editSpec()
            .addNewEphemeralContainer()
            .withName("debugger")
            .withImage("shop/tools:1")
            .withTargetContainerName("main")
            .endEphemeralContainer()
            .endSpec()
            .build();
    Failure failure = start(pod, "debugger", ContainerKind.EPHEMERAL).orElseThrow();
    assertThat(failure.reason()).isEqualTo("CreateContainerConfigError");
    assertThat(failure.message()).isEqualTo("unable to find target container main");
    assertThat(done).containsExactly("Failed Error: unable to find target container main");
    running.add(Container.newBuilder().setId("c0").build());
    assertThat(start(pod, "debugger", ContainerKind.EPHEMERAL)).isEmpty();
    assertThat(done).contains("create debugger beside c0");
  }

  private Optional<Failure> start(Pod pod, String name, ContainerKind kind)
      throws InterruptedException {
    return actions()
        .start(
            pod,
            new PodAction.StartContainer(name, kind, SANDBOX.id(), 0, Duration.ZERO),
            List.of(SANDBOX));
  }

  private static Pod pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("shop")
        .withUid("u1")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage("shop/app:1")
        .endContainer()
        .endSpec()
        .build();
  }

  private ContainerActions actions() {
    NodePaths paths = new NodePaths(folder.resolve("kubelet"), folder.resolve("logs"));
    ContainerRuntime runtime =
        proxy(ContainerRuntime.class, (self, method, arguments) -> runtime(method, arguments));
    ImageStore store =
        proxy(
            ImageStore.class,
            (self, method, arguments) -> Optional.of(Image.newBuilder().setId("image").build()));
    ConfigSource source = proxy(ConfigSource.class, (self, method, arguments) -> List.of());
    ServiceAccountTokens tokens =
        new ServiceAccountTokens(new FakeApi(time, Randomness.seeded(0)), time);
    VolumeManager volumes =
        new VolumeManager(
            paths,
            source,
            unasked(DriverVolumes.class),
            new ImageVolumes(paths, runtime, store, new Snapshots(nobody.grpc())),
            tokens,
            time);
    PodCgroups cgroups = new PodCgroups(folder.resolve("cgroup"), "/", 0);
    ResolverConfig.Cluster dns =
        new ResolverConfig.Cluster(List.of(), "cluster.local", folder.resolve("resolv.conf"));
    PodActions.Parts parts =
        new PodActions.Parts(
            runtime,
            paths,
            cgroups,
            volumes,
            new ImageManager(
                store,
                source,
                folder.resolve("config.json"),
                new CredentialPlugins(
                    List.of(), unasked(AccountTokens.class), new PluginCounts(), time),
                new Silent(),
                1,
                time),
            new SandboxConfigs(paths, cgroups, dns),
            new RuntimeHandlers(name -> Optional.empty()),
            new NodeFacts("n1", "10.0.0.1", Map.of()),
            new Told(),
            time);
    return new ContainerActions(
        parts,
        new ContainerConfigs(
            paths,
            new Environment(source),
            volumes,
            dns.domain(),
            1 << 30,
            Map.of(),
            pod -> false));
  }

  private Object runtime(Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "listContainers" -> List.copyOf(running);
      case "createContainer" -> {
        ContainerConfig config = (ContainerConfig) arguments[1];
        String target = config.getLinux().getSecurityContext().getNamespaceOptions().getTargetId();
        done.add(
            "create "
                + config.getMetadata().getName()
                + (target.isEmpty() ? "" : " beside " + target));
        yield "c1";
      }
      case "startContainer" -> done.add("start " + arguments[0]);
      case "execSync" -> {
        done.add("exec " + arguments[1]);
        yield ExecSyncResponse.newBuilder().setExitCode(1).build();
      }
      case "stopContainer" ->
          done.add(
              "stop " + arguments[0] + " after " + ((Duration) arguments[1]).toSeconds() + " s");
      default -> throw new AssertionError("asked for " + method);
    };
  }

  private static <T> T unasked(Class<T> type) {
    return proxy(
        type,
        (self, method, arguments) -> {
          throw new AssertionError("asked for " + method);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** What is told of images is another test's. */
  private static final class Silent implements PodEvents {
    @Override
    public void normal(Pod pod, String container, String reason, String message) {}

    @Override
    public void warning(Pod pod, String container, String reason, String message) {}
  }

  private final class Told implements PodEvents {
    @Override
    public void normal(Pod pod, String container, String reason, String message) {
      done.add(reason + " " + message);
    }

    @Override
    public void warning(Pod pod, String container, String reason, String message) {
      if (!reason.equals("FailedPreStopHook")) {
        done.add(reason + " " + message);
      }
    }
  }
}
