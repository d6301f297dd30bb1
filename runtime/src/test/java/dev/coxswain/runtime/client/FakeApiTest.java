package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FakeApiTest {
  private static final ObjectKey A = new ObjectKey("default", "a");

  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(1));
  private final ResourceClient<Pod> pods = api.resource(Pod.class);
  private final ResourceClient<ConfigMap> maps = api.resource(ConfigMap.class);

  @Test
  void creationGivesUidTimestampVersionAndAGeneratedName() {
    Pod created =
        pods.create(
            new PodBuilder()
                .withNewMetadata()
                .withGenerateName("web-")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .endStatus()
                .build());

    assertThat(created.getMetadata().getName()).matches("web-[a-z0-9]{5}");
    assertThat(created.getMetadata().getUid()).isNotEmpty();
    assertThat(created.getMetadata().getGeneration()).isEqualTo(1);
    assertThat(created.getMetadata().getCreationTimestamp()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(created.getStatus().getPhase()).isEqualTo("Pending");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> pods.create(created))
        .withMessageEndingWith("already exists");
  }

  @Test
  void anUpdateOfAnOldVersionConflictsAndAnEmptyOneChangesNothing() {
    ConfigMap first = maps.create(map("a", "1"));
    ConfigMap second = maps.update(new ConfigMapBuilder(first).addToData("k", "2").build());
    assertThat(second.getMetadata().getResourceVersion())
        .isNotEqualTo(first.getMetadata().getResourceVersion());

    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> maps.update(new ConfigMapBuilder(first).addToData("k", "3").build()))
        .matches(e -> e.is(StatusReason.CONFLICT));
    assertThat(maps.update(second).getMetadata().getResourceVersion())
        .isEqualTo(second.getMetadata().getResourceVersion());
  }

  @Test
  void statusAndSpecAreChangedApart() {
    Pod created = pods.create(pod("a", ""));
    Pod changed =
        new PodBuilder(created)
            .editSpec()
            .withHostname("h")
            .endSpec()
            .editStatus()
            .withPhase("Running")
            .endStatus()
            .build();
    Pod afterStatus = pods.updateStatus(changed);
    assertThat(afterStatus.getStatus().getPhase()).isEqualTo("Running");
    assertThat(afterStatus.getSpec().getHostname()).isNull();
    assertThat(afterStatus.getMetadata().getGeneration()).isEqualTo(1);

    changed.getMetadata().setResourceVersion(null);
    changed.getStatus().setPhase("Failed");
    Pod afterSpec = pods.update(changed);
    assertThat(afterSpec.getStatus().getPhase()).isEqualTo("Running");
    assertThat(afterSpec.getSpec().getHostname()).isEqualTo("h");
    assertThat(afterSpec.getMetadata().getGeneration()).isEqualTo(2);
  }

  @Test
  void anObjectWithAFinalizerStaysUntilTheFinalizerGoes() {
    ConfigMap map = map("a", "1");
    map.getMetadata().setFinalizers(List.of("example.com/hold"));
    maps.create(map);
    maps.delete(A, DeleteOptions.DEFAULT);
    ConfigMap dying = maps.find(A).orElseThrow();
    assertThat(dying.getMetadata().getDeletionTimestamp()).isNotNull();

    maps.patch(A, new Patch.Merge("{\"metadata\":{\"finalizers\":null}}"));
    assertThat(maps.find(A)).isEmpty();
  }

  @Test
  void aRunningPodIsGivenItsGracePeriodAndAnUnboundOneGoesAtOnce() {
    pods.create(pod("a", "n1"));
    pods.delete(A, DeleteOptions.DEFAULT);
    Pod dying = pods.find(A).orElseThrow();
    assertThat(dying.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(30);
    assertThat(dying.getMetadata().getDeletionTimestamp()).isEqualTo("2026-01-01T00:00:30Z");
    pods.delete(A, new DeleteOptions(0L, null, null, null));
    assertThat(pods.find(A)).isEmpty();

    pods.create(pod("b", ""));
    pods.delete(new ObjectKey("default", "b"), DeleteOptions.DEFAULT);
    assertThat(pods.find(new ObjectKey("default", "b"))).isEmpty();
  }

  @Test
  void aDeletionForAnotherUidConflicts() {
    maps.create(map("a", "1"));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> maps.delete(A, DeleteOptions.uid("other")))
        .matches(e -> e.is(StatusReason.CONFLICT));
  }

  @Test
  void bindingSetsTheNodeOnce() {
    pods.create(pod("a", ""));
    Binding binding =
        new BindingBuilder().withNewTarget().withKind("Node").withName("n1").endTarget().build();
    pods.post(A, "binding", binding, Status.class);
    assertThat(pods.find(A).orElseThrow().getSpec().getNodeName()).isEqualTo("n1");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> pods.post(A, "binding", binding, Status.class))
        .matches(e -> e.is(StatusReason.CONFLICT));
  }

  @Test
  void aNamespaceTerminatesUntilItIsFinalized() {
    ResourceClient<Namespace> namespaces = api.resource(Namespace.class);
    ObjectKey key = ObjectKey.cluster("gone");
    namespaces.create(
        new NamespaceBuilder().withNewMetadata().withName("gone").endMetadata().build());
    namespaces.delete(key, DeleteOptions.DEFAULT);
    Namespace dying = namespaces.find(key).orElseThrow();
    assertThat(dying.getStatus().getPhase()).isEqualTo("Terminating");
    ConfigMap late = map("late", "1");
    late.getMetadata().setNamespace("gone");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> maps.create(late))
        .matches(e -> e.is(StatusReason.FORBIDDEN));

    dying.getSpec().setFinalizers(List.of());
    namespaces.put(key, "finalize", dying, Namespace.class);
    assertThat(namespaces.find(key)).isEmpty();
  }

  @Test
  void selectorsChooseWhatIsListedAndWatched() throws InterruptedException {
    Pod labelled = pod("a", "n1");
    labelled.getMetadata().setLabels(Map.of("app", "web", "tier", "front"));
    pods.create(labelled);
    pods.create(pod("b", "n2"));

    assertThat(names(ListOptions.labels("app in (web, api),tier!=back"))).containsExactly("a");
    assertThat(names(ListOptions.labels("!app"))).containsExactly("b");
    assertThat(names(ListOptions.fields("spec.nodeName=n2,metadata.name!=a"))).containsExactly("b");

    String from = pods.list("", ListOptions.ALL).resourceVersion();
    try (Watch<Pod> watch = pods.watch("default", ListOptions.labels("app=web"), from)) {
      pods.patch(A, new Patch.Strategic("{\"metadata\":{\"labels\":{\"app\":null}}}"));
      pods.patch(
          A,
          new Patch.Json("[{\"op\":\"add\",\"path\":\"/metadata/labels/app\",\"value\":\"web\"}]"));
      assertThat(watch.next()).isInstanceOf(WatchEvent.Deleted.class);
      assertThat(watch.next()).isInstanceOf(WatchEvent.Added.class);
    }
  }

  @Test
  void informersAreToldWhatTheTestDelivers() {
    FakeInformer<ConfigMap> informer = api.informer(ConfigMap.class);
    var told = new ArrayList<String>();
    informer.handle(
        new Informer.Handler<>() {
          @Override
          public void added(ConfigMap object) {
            told.add("+" + object.getMetadata().getName());
          }

          @Override
          public void updated(ConfigMap before, ConfigMap after) {
            told.add("~" + before.getData().get("k") + after.getData().get("k"));
          }

          @Override
          public void deleted(ConfigMap last) {
            told.add("-" + last.getMetadata().getName());
          }
        });
    informer.index("value", map -> List.of(map.getData().get("k")));
    maps.create(map("a", "1"));
    informer.start();
    maps.patch(A, new Patch.Merge("{\"data\":{\"k\":\"2\"}}"));
    assertThat(told).containsExactly("+a");
    assertThat(informer.byIndex("value", "1")).hasSize(1);

    assertThat(api.deliverAll()).isTrue();
    assertThat(told).containsExactly("+a", "~12");
    assertThat(informer.byIndex("value", "1")).isEmpty();
    assertThat(informer.byIndex("value", "2")).hasSize(1);

    maps.delete(A, DeleteOptions.DEFAULT);
    maps.create(map("a", "3"));
    api.compact();
    assertThat(api.deliverAll()).isTrue();
    assertThat(told).containsExactly("+a", "~12", "-a", "+a");
  }

  @Test
  void faultsComeAsTheSeedHasThem() {
    api.faults(new FakeFaults(0.5, 0, 0, 0));
    int failed = 0;
    for (int i = 0; i < 100; i++) {
      try {
        maps.find(A);
      } catch (ApiException e) {
        assertThat(e.is(StatusReason.SERVICE_UNAVAILABLE)).isTrue();
        failed++;
      }
    }
    assertThat(failed).isBetween(30, 70);
  }

  private List<String> names(ListOptions options) {
    return pods.list("default", options).items().stream()
        .map(pod -> pod.getMetadata().getName())
        .toList();
  }

  private static ConfigMap map(String name, String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .addToData("k", value)
        .build();
  }

  private static Pod pod(String name, String node) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withNodeName(node.isEmpty() ? null : node)
        .endSpec()
        .build();
  }
}
