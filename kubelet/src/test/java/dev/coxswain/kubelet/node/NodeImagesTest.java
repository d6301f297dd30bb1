package dev.coxswain.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.cri.Image;
import io.fabric8.kubernetes.api.model.ContainerImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NodeImagesTest {

  @Test
  void theLargestAreToldAndTheirFirstNames() {
    Image named =
        Image.newBuilder()
            .setId("named")
            .setSize(1000)
            .addRepoDigests("shop/app@sha256:1")
            .addAllRepoTags(IntStream.range(0, 20).mapToObj(tag -> "shop/app:" + tag).toList())
            .build();
    List<Image> small =
        IntStream.range(0, 60)
            .mapToObj(size -> Image.newBuilder().setId("small" + size).setSize(size).build())
            .toList();
    List<Image> all = new ArrayList<>(small);
    all.add(named);
    List<ContainerImage> told = NodeImages.of(all);
    assertThat(told).hasSize(50);
    assertThat(told.getFirst().getNames())
        .containsExactly(
            "shop/app@sha256:1", "shop/app:0", "shop/app:1", "shop/app:2", "shop/app:3");
    assertThat(told.getLast().getSizeBytes()).isEqualTo(11);
  }
}
