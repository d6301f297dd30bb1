package dev.coxswain.kubelet.node;

import dev.coxswain.proto.cri.Image;
import io.fabric8.kubernetes.api.model.ContainerImage;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The images of the node's status, bounded as upstream's: every watcher of nodes gets them. */
final class NodeImages {
  private static final int MOST = 50;
  private static final int MOST_NAMES = 5;

  private NodeImages() {}

  /** The largest, by their digests and tags. */
  static List<ContainerImage> of(List<Image> images) {
    return images.stream()
        .sorted(
            Comparator.comparing(Image::getSize, Long::compareUnsigned)
                .reversed()
                .thenComparing(Image::getId))
        .limit(MOST)
        .map(NodeImages::of)
        .toList();
  }

  private static ContainerImage of(Image image) {
    return new ContainerImage(
        Stream.concat(image.getRepoDigestsList().stream(), image.getRepoTagsList().stream())
            .limit(MOST_NAMES)
            .toList(),
        image.getSize());
  }
}
