package dev.coxswain.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class VolumesInUseTest {
  private static final String VOLUME = "kubernetes.io/csi/disks.example.com^v1";

  private final VolumesInUse volumes = new VolumesInUse();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();

  VolumesInUseTest() {
    volumes.onChange(asked::incrementAndGet);
    volumes.onNews(told::incrementAndGet);
  }

  @Test
  void aVolumeIsInUseOnceTheNodeShowsIt() {
    assertThat(volumes.use(VOLUME)).isFalse();
    assertThat(asked).hasValue(1);
    assertThat(volumes.names()).containsExactly(VOLUME);

    volumes.added(node(List.of(VOLUME), List.of()));
    assertThat(told).hasValue(1);
    assertThat(volumes.use(VOLUME)).isTrue();
    assertThat(asked).hasValue(1);
    assertThat(volumes.attached(VOLUME)).isFalse();
  }

  @Test
  void whoeverWaitsIsToldOfWhatHasChangedAndOfNothingElse() {
    Node used = node(List.of(VOLUME), List.of());
    Node attached = node(List.of(VOLUME), List.of(VOLUME));
    volumes.added(used);
    volumes.updated(used, attached);
    assertThat(volumes.attached(VOLUME)).isTrue();
    assertThat(told).hasValue(2);

    volumes.updated(attached, attached);
    assertThat(told).hasValue(2);

    volumes.deleted(attached);
    assertThat(volumes.attached(VOLUME)).isFalse();
    assertThat(told).hasValue(3);
  }

  @Test
  void aNodeWithoutVolumesHasNone() {
    volumes.added(new NodeBuilder().withNewMetadata().withName("n1").endMetadata().build());
    assertThat(volumes.attached(VOLUME)).isFalse();
    assertThat(told).hasValue(0);
  }

  private static Node node(List<String> used, List<String> attached) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName("n1")
        .endMetadata()
        .withNewStatus()
        .withVolumesInUse(used)
        .withVolumesAttached(attached.stream().map(name -> new AttachedVolume("", name)).toList())
        .endStatus()
        .build();
  }
}
