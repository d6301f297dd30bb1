package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Likes nodes that have the pod's images, the larger the more; an image that few nodes have counts
 * for less, lest everything runs there.
 */
record ImageLocality() implements PreScorePlugin, ScorePlugin {
  /** Below this an image is quickly pulled (upstream's minThreshold). */
  private static final long MIN_BYTES = 23L << 20;

  /** Above this more makes no difference (upstream's maxContainerThreshold). */
  private static final long MAX_BYTES_PER_CONTAINER = 1000L << 20;

  /** An image under the name that nodes report it by, and how widely it is spread. */
  private record Image(String name, double spread) {}

  private record Images(List<Image> images, int containers) {}

  @Override
  public boolean preScore(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> feasible) {
    List<Image> images = new ArrayList<>();
    for (String image : pod.images()) {
      String name = normalized(image);
      int nodes = cluster.nodesWithImage(name);
      if (nodes > 0) {
        images.add(new Image(name, (double) nodes / cluster.nodes().size()));
      }
    }
    state.put(Images.class, new Images(images, pod.images().size()));
    return !images.isEmpty();
  }

  /** As nodes report images: with a tag. */
  private static String normalized(String image) {
    boolean tagged = image.lastIndexOf(':') > image.lastIndexOf('/') || image.contains("@");
    return tagged ? image : image + ":latest";
  }

  @Override
  public long score(CycleState state, PodInfo pod, NodeInfo node) {
    Images images = state.get(Images.class);
    long bytes = 0;
    for (Image image : images.images()) {
      Long size = node.spec().images().get(image.name());
      if (size != null) {
        bytes += (long) (size * image.spread());
      }
    }
    long most = MAX_BYTES_PER_CONTAINER * images.containers();
    long counted = Math.clamp(bytes, MIN_BYTES, most);
    return MAX_SCORE * (counted - MIN_BYTES) / (most - MIN_BYTES);
  }
}
