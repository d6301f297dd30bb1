package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReferencedObjectsTest {
  private final FakeApi api = new FakeApi(new ManualTime(), Randomness.seeded(0));
  private final List<String> opened = new ArrayList<>();
  private final List<String> changed = new ArrayList<>();
  private final List<String> due = new ArrayList<>();
  private final ReferencedObjects objects =
      new ReferencedObjects(source(), this::changed, due::add);

  @Test
  void everyPodThatShowsAChangedObjectIsDueAtOnce() {
    write("settings", "1");
    objects.added(pod("one", "settings"));
    objects.added(pod("two", "settings"));
    objects.added(pod("other", "else"));
    assertThat(opened).containsExactlyInAnyOrder("settings", "else");
    api.deliverAll();
    due.clear();
    changed.clear();
    write("settings", "2");
    api.deliverAll();
    assertThat(due).containsExactlyInAnyOrder("one", "two");
    assertThat(changed).containsExactly("settings=2");
  }

  @Test
  void whatNobodyShowsIsNotWatched() {
    write("settings", "1");
    Pod pod = pod("one", "settings");
    objects.added(pod);
    objects.deleted(pod);
    due.clear();
    write("settings", "2");
    api.deliverAll();
    assertThat(due).isEmpty();
    objects.added(pod("two", "settings"));
    assertThat(opened).containsExactly("settings", "settings");
  }

  @Test
  void projectionsAndSecretsAreFoundToo() {
    Pod pod =
        new PodBuilder(pod("one", "settings"))
            .editSpec()
            .addNewVolume()
            .withName("mixed")
            .withNewProjected()
            .addNewSource()
            .withNewSecret()
            .withName("key")
            .endSecret()
            .endSource()
            .endProjected()
            .endVolume()
            .endSpec()
            .build();
    assertThat(ReferencedObjects.references(pod))
        .extracting(ReferencedObjects.Reference::name)
        .containsExactlyInAnyOrder("settings", "key");
  }

  private void changed(HasMetadata object) {
    changed.add(object.getMetadata().getName() + "=" + ((ConfigMap) object).getData().get("value"));
  }

  private void write(String name, String value) {
    var client = api.resource(ConfigMap.class);
    ObjectKey key = new ObjectKey("deck", name);
    ConfigMap map =
        client
            .find(key)
            .map(ConfigMapBuilder::new)
            .orElseGet(ConfigMapBuilder::new)
            .editOrNewMetadata()
            .withName(name)
            .withNamespace("deck")
            .endMetadata()
            .withData(Map.of("value", value))
            .build();
    if (client.find(key).isEmpty()) {
      client.create(map);
    } else {
      client.update(map);
    }
  }

  private ReferencedObjects.Source source() {
    return new ReferencedObjects.Source() {
      @Override
      public <T extends HasMetadata> Informer<T> one(Class<T> type, ObjectKey key) {
        opened.add(key.name());
        return api.informer(
            type, key.namespace(), ListOptions.fields("metadata.name=" + key.name()));
      }
    };
  }

  private static Pod pod(String name, String map) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("deck")
        .withUid(name)
        .endMetadata()
        .withNewSpec()
        .addNewVolume()
        .withName("shown")
        .withNewConfigMap()
        .withName(map)
        .endConfigMap()
        .endVolume()
        .endSpec()
        .build();
  }
}
