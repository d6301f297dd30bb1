package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** fabric8's client, with which most operators in Java are written. */
@ExtendWith(SharedCluster.class)
final class Fabric8EndToEndTest {
  private static final String NAMESPACE = "fabric8";
  private static final Executor THREADS = Executors.newVirtualThreadPerTaskExecutor();
  private static ClientGround ground;
  private static KubernetesClient client;

  @BeforeAll
  static void begin(Cluster cluster, @TempDir Path folder) throws Exception {
    ground = ClientGround.prepare(cluster, NAMESPACE, folder);
    client = ground.fabric8();
  }

  @AfterAll
  static void leaveNothing() {
    client.close();
    ground.close();
  }

  private static ConfigMap map(String name, String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .addToLabels("by", "fabric8")
        .endMetadata()
        .addToData("key", value)
        .build();
  }

  @Test
  void createReadUpdatePatchDelete() {
    ConfigMap created = client.resource(map("crud", "one")).create();
    assertThat(created.getMetadata().getUid()).isNotEmpty();
    assertThatThrownBy(() -> client.resource(map("crud", "one")).create())
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            refused -> assertThat(refused.getStatus().getReason()).isEqualTo("AlreadyExists"));
    var named = client.configMaps().inNamespace(NAMESPACE).withName("crud");
    named.edit(old -> new ConfigMapBuilder(old).addToData("key", "two").build());
    named.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\": {\"more\": \"three\"}}");
    assertThat(named.get().getData()).containsEntry("key", "two").containsEntry("more", "three");
    assertThatThrownBy(() -> client.resource(created).lockResourceVersion().update())
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            refused -> assertThat(refused.getCode()).isEqualTo(409));
    assertThat(
            client.configMaps().inNamespace(NAMESPACE).withLabel("by", "fabric8").list().getItems())
        .extracting(found -> found.getMetadata().getName())
        .contains("crud");
    named.delete();
    named.waitUntilCondition(gone -> gone == null, Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void anInformerGoesOnAfterItsConnectionIsCut() {
    List<String> events = new CopyOnWriteArrayList<>();
    try (SharedIndexInformer<ConfigMap> informer =
        client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel("watched", "yes")
            .inform(
                new ResourceEventHandler<>() {
                  @Override
                  public void onAdd(ConfigMap object) {
                    events.add("add " + object.getMetadata().getName());
                  }

                  @Override
                  public void onUpdate(ConfigMap old, ConfigMap object) {
                    if (!old.getMetadata()
                        .getResourceVersion()
                        .equals(object.getMetadata().getResourceVersion())) {
                      events.add("update " + object.getMetadata().getName());
                    }
                  }

                  @Override
                  public void onDelete(ConfigMap object, boolean finalStateUnknown) {
                    events.add("delete " + object.getMetadata().getName());
                  }
                })) {
      for (int round = 0; round < 3; round++) {
        String name = "seen-" + round;
        ground.kubectl("create", "configmap", name);
        ground.kubectl("label", "configmap", name, "watched=yes");
        Cluster.eventually("it is seen", () -> events.contains("add " + name));
        ground.relay().cut();
        ground.kubectl("label", "configmap", name, "round=" + round);
      }
      ground.kubectl("delete", "configmap", "seen-0");
      Cluster.eventually(
          "all is seen",
          () -> events.contains("delete seen-0") && events.contains("update seen-2"));
      assertThat(events).doesNotHaveDuplicates();
      assertThat(informer.getStore().list()).hasSize(2);
    }
  }

  @Test
  void applyOnTheServerFindsConflicts() {
    client.resource(map("applied", "one")).fieldManager("first").serverSideApply();
    assertThatThrownBy(
            () -> client.resource(map("applied", "two")).fieldManager("second").serverSideApply())
        .isInstanceOfSatisfying(
            KubernetesClientException.class,
            refused -> {
              assertThat(refused.getCode()).isEqualTo(409);
              assertThat(refused.getMessage())
                  .contains("conflict with \"first\"")
                  .contains(".data.key");
            });
    ConfigMap forced =
        client
            .resource(map("applied", "two"))
            .fieldManager("second")
            .forceConflicts()
            .serverSideApply();
    assertThat(forced.getData()).containsEntry("key", "two");
    assertThat(forced.getMetadata().getManagedFields())
        .anyMatch(
            entry -> entry.getManager().equals("second") && entry.getOperation().equals("Apply"));
  }

  @Test
  void aCommandRunsInAPod() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try (ExecWatch command =
        client
            .pods()
            .inNamespace(NAMESPACE)
            .withName("shell")
            .redirectingInput()
            .writingOutput(out)
            .writingError(errors)
            .exec("sh", "-c", "read line; echo got $line; echo bad >&2; exit 3")) {
      command.getInput().write("word\n".getBytes(StandardCharsets.UTF_8));
      command.getInput().flush();
      assertThat(command.exitCode().get(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .isEqualTo(3);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("got word\n");
    assertThat(errors.toString(StandardCharsets.UTF_8)).isEqualTo("bad\n");
    byte[] large = new byte[3_000_000];
    IntStream.range(0, large.length).forEach(i -> large[i] = (byte) i);
    assertThat(
            client
                .pods()
                .inNamespace(NAMESPACE)
                .withName("shell")
                .file("/tmp/large")
                .upload(new ByteArrayInputStream(large)))
        .isTrue();
    ByteArrayOutputStream size = new ByteArrayOutputStream();
    try (ExecWatch command =
        client
            .pods()
            .inNamespace(NAMESPACE)
            .withName("shell")
            .writingOutput(size)
            .exec("wc", "-c", "/tmp/large")) {
      assertThat(command.exitCode().get(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
    }
    assertThat(size.toString(StandardCharsets.UTF_8)).isEqualTo("3000000 /tmp/large\n");
  }

  @Test
  void aForwardedPortLeadsIntoAPod() throws Exception {
    var shell = client.pods().inNamespace(NAMESPACE).withName("shell");
    try (ExecWatch command =
        shell
            .writingOutput(OutputStream.nullOutputStream())
            .exec("sh", "-c", "nc -ll -p 9000 -e cat >/dev/null 2>&1 &")) {
      assertThat(command.exitCode().get(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
    }
    try (LocalPortForward forward = shell.portForward(9000)) {
      Cluster.eventually("the port answers", () -> echoed(forward.getLocalPort()).equals("ahoy"));
    }
  }

  private static String echoed(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write("ahoy".getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readNBytes(4), StandardCharsets.UTF_8);
    } catch (IOException notYet) {
      return String.valueOf(notYet.getMessage());
    }
  }

  @Test
  void oneLeadsAndAnotherAfterIt() {
    List<String> leaders = new CopyOnWriteArrayList<>();
    CompletableFuture<?> first = elect("one", leaders);
    Cluster.eventually("the first leads", () -> leaders.equals(List.of("one")));
    CompletableFuture<?> second = elect("two", leaders);
    ground.relay().cut();
    assertThat(leaders).containsExactly("one");
    first.cancel(true);
    Cluster.eventually("the second leads", () -> leaders.equals(List.of("one", "two")));
    second.cancel(true);
  }

  private static CompletableFuture<?> elect(String identity, List<String> leaders) {
    return new LeaderElector(
            client,
            new LeaderElectionConfigBuilder()
                .withName("election")
                .withLock(new LeaseLock(NAMESPACE, "election", identity))
                .withLeaseDuration(Duration.ofSeconds(6))
                .withRenewDeadline(Duration.ofSeconds(4))
                .withRetryPeriod(Duration.ofSeconds(1))
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(
                    new LeaderCallbacks(() -> leaders.add(identity), () -> {}, ignored -> {}))
                .build(),
            THREADS)
        .start();
  }
}
