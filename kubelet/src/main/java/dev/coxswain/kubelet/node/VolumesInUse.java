package dev.coxswain.kubelet.node;

import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The attachable volumes that this node has mounted or is about to. They stand in the node's status
 * before they are mounted, and whoever detaches volumes leaves those alone; whoever attaches them
 * says so in the same place. Thread-safe; as many as the pods' volumes.
 */
public final class VolumesInUse implements Informer.Handler<Node> {
  private final Set<String> used = new ConcurrentSkipListSet<>();
  private volatile Shown shown = new Shown(Set.of(), Set.of());
  private volatile Runnable changed = () -> {};
  private volatile Runnable news = () -> {};

  /** What the API shows of the node. */
  private record Shown(Set<String> used, Set<String> attached) {}

  /** Who is to report a change at once; must not block. */
  void onChange(Runnable listener) {
    changed = listener;
  }

  /** Who waits for what the API shows; must not block. */
  public void onNews(Runnable listener) {
    news = listener;
  }

  /** A volume is used from now on; true once the node's status says so. */
  public boolean use(String volume) {
    if (used.add(volume)) {
      changed.run();
    }
    return shown.used().contains(volume);
  }

  /** Whether the node's status says that the volume is attached. */
  public boolean attached(String volume) {
    return shown.attached().contains(volume);
  }

  /** Nobody uses the volume any more. */
  public void release(String volume) {
    if (used.remove(volume)) {
      changed.run();
    }
  }

  List<String> names() {
    return List.copyOf(used);
  }

  @Override
  public void added(Node node) {
    shown(node.getStatus());
  }

  @Override
  public void updated(Node before, Node after) {
    shown(after.getStatus());
  }

  @Override
  public void deleted(Node last) {
    shown(null);
  }

  private void shown(@Nullable NodeStatus status) {
    Shown newer =
        status == null
            ? new Shown(Set.of(), Set.of())
            : new Shown(
                set(status.getVolumesInUse(), Function.identity()),
                set(status.getVolumesAttached(), AttachedVolume::getName));
    boolean same = newer.equals(shown);
    shown = newer;
    if (!same) {
      news.run();
    }
  }

  private static <T> Set<String> set(@Nullable List<T> items, Function<T, String> name) {
    return Objects.requireNonNullElse(items, List.<T>of()).stream()
        .map(name)
        .collect(Collectors.toUnmodifiableSet());
  }
}
