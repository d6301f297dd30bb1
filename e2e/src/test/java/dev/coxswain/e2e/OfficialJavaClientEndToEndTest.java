package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kubernetes.client.Exec;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.PatchUtils;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kubernetes' own client for Java. */
@ExtendWith(SharedCluster.class)
final class OfficialJavaClientEndToEndTest {
  private static final String NAMESPACE = "official-java";
  private static ClientGround ground;
  private static ApiClient client;
  private static CoreV1Api core;

  @BeforeAll
  static void begin(Cluster cluster, @TempDir Path folder) throws Exception {
    ground = ClientGround.prepare(cluster, NAMESPACE, folder);
    client = Config.fromConfig(ground.kubeconfig());
    core = new CoreV1Api(client);
  }

  @AfterAll
  static void leaveNothing() {
    client.getHttpClient().dispatcher().executorService().shutdownNow();
    client.getHttpClient().connectionPool().evictAll();
    ground.close();
  }

  private static V1ConfigMap map(String name, String value) {
    return new V1ConfigMap()
        .apiVersion("v1")
        .kind("ConfigMap")
        .metadata(new V1ObjectMeta().name(name).namespace(NAMESPACE))
        .data(Map.of("key", value));
  }

  @Test
  void createReadUpdatePatchDelete() throws ApiException {
    V1ConfigMap created = core.createNamespacedConfigMap(NAMESPACE, map("crud", "one")).execute();
    assertThat(created.getMetadata().getUid()).isNotEmpty();
    V1ConfigMap changed = core.readNamespacedConfigMap("crud", NAMESPACE).execute();
    changed.setData(Map.of("key", "two"));
    core.replaceNamespacedConfigMap("crud", NAMESPACE, changed).execute();
    assertThatThrownBy(() -> core.replaceNamespacedConfigMap("crud", NAMESPACE, changed).execute())
        .isInstanceOfSatisfying(
            ApiException.class, refused -> assertThat(refused.getCode()).isEqualTo(409));
    V1ConfigMap patched =
        patch(
            "crud",
            "{\"data\": {\"more\": \"three\"}}",
            V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH,
            "patcher",
            false);
    assertThat(patched.getData()).containsEntry("key", "two").containsEntry("more", "three");
    assertThat(core.listNamespacedConfigMap(NAMESPACE).limit(1).execute().getItems()).hasSize(1);
    core.deleteNamespacedConfigMap("crud", NAMESPACE).execute();
    assertThatThrownBy(() -> core.readNamespacedConfigMap("crud", NAMESPACE).execute())
        .isInstanceOfSatisfying(
            ApiException.class, refused -> assertThat(refused.getCode()).isEqualTo(404));
  }

  private static V1ConfigMap patch(
      String name, String body, String format, String manager, boolean force) throws ApiException {
    return PatchUtils.patch(
        V1ConfigMap.class,
        () ->
            core.patchNamespacedConfigMap(name, NAMESPACE, new V1Patch(body))
                .fieldManager(manager)
                .force(force ? true : null)
                .buildCall(null),
        format,
        client);
  }

  @Test
  void anInformerGoesOnAfterItsConnectionIsCut() {
    List<String> events = new CopyOnWriteArrayList<>();
    ApiClient watching = client.setReadTimeout(0);
    SharedInformerFactory factory = new SharedInformerFactory(watching);
    SharedIndexInformer<V1ConfigMap> informer =
        factory.sharedIndexInformerFor(
            parameters ->
                core.listNamespacedConfigMap(NAMESPACE)
                    .labelSelector("watched=yes")
                    .resourceVersion(parameters.resourceVersion)
                    .timeoutSeconds(parameters.timeoutSeconds)
                    .watch(parameters.watch)
                    .buildCall(null),
            V1ConfigMap.class,
            V1ConfigMapList.class);
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(V1ConfigMap object) {
            events.add("add " + object.getMetadata().getName());
          }

          @Override
          public void onUpdate(V1ConfigMap old, V1ConfigMap object) {
            if (!old.getMetadata()
                .getResourceVersion()
                .equals(object.getMetadata().getResourceVersion())) {
              events.add("update " + object.getMetadata().getName());
            }
          }

          @Override
          public void onDelete(V1ConfigMap object, boolean finalStateUnknown) {
            events.add("delete " + object.getMetadata().getName());
          }
        });
    factory.startAllRegisteredInformers();
    try {
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
      assertThat(informer.getIndexer().list()).hasSize(2);
    } finally {
      factory.stopAllRegisteredInformers();
    }
  }

  @Test
  void applyOnTheServerFindsConflicts() throws ApiException {
    String one =
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"applied\"},"
            + " \"data\": {\"key\": \"one\"}}";
    String two = one.replace("one", "two");
    patch("applied", one, V1Patch.PATCH_FORMAT_APPLY_YAML, "first", false);
    assertThatThrownBy(
            () -> patch("applied", two, V1Patch.PATCH_FORMAT_APPLY_YAML, "second", false))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.getCode()).isEqualTo(409);
              assertThat(refused.getResponseBody()).contains("conflict with \\\"first\\\"");
            });
    V1ConfigMap forced = patch("applied", two, V1Patch.PATCH_FORMAT_APPLY_YAML, "second", true);
    assertThat(forced.getData()).containsEntry("key", "two");
  }

  @Test
  void aCommandRunsInAPod() throws Exception {
    Process command =
        new Exec(client)
            .exec(
                NAMESPACE,
                "shell",
                new String[] {"sh", "-c", "read line; echo got $line; echo bad >&2; exit 3"},
                true,
                false);
    InputStream out = command.getInputStream();
    InputStream errors = command.getErrorStream();
    command.getOutputStream().write("word\n".getBytes(StandardCharsets.UTF_8));
    command.getOutputStream().flush();
    assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("got word\n");
    assertThat(new String(errors.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("bad\n");
    assertThat(command.waitFor(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(command.exitValue()).isEqualTo(3);
    command.destroy();
  }

  @Test
  void oneLeadsAndAnotherAfterIt() {
    List<String> leaders = new CopyOnWriteArrayList<>();
    LeaderElector second;
    try (LeaderElector first = elect("one", leaders)) {
      Cluster.eventually("the first leads", () -> leaders.equals(List.of("one")));
      second = elect("two", leaders);
      ground.relay().cut();
      assertThat(leaders).containsExactly("one");
      assertThat(first).isNotSameAs(second);
    }
    try (second) {
      Cluster.eventually("the second leads", () -> leaders.equals(List.of("one", "two")));
    }
  }

  private static LeaderElector elect(String identity, List<String> leaders) {
    LeaderElector elector =
        new LeaderElector(
            new LeaderElectionConfig(
                new LeaseLock(NAMESPACE, "election", identity, client),
                Duration.ofSeconds(6),
                Duration.ofSeconds(4),
                Duration.ofSeconds(1)));
    Thread.ofPlatform()
        .daemon()
        .name("elector " + identity)
        .start(() -> elector.run(() -> leaders.add(identity), () -> {}));
    return elector;
  }
}
