package dev.coxswain.kubelet.node;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The attachable volumes that this node has mounted or is about to. They stand in the node's status
 * before they are mounted, and whoever detaches volumes leaves those alone. Thread-safe; as many as
 * the pods' volumes.
 */
public final class VolumesInUse {
  private final Set<String> used = new ConcurrentSkipListSet<>();
  private volatile Set<String> reported = Set.of();
  private volatile Runnable changed = () -> {};

  /** Who is to report a change at once; must not block. */
  void onChange(Runnable listener) {
    changed = listener;
  }

  /** A volume is used from now on; true once the node's status says so. */
  public boolean use(String volume) {
    if (used.add(volume)) {
      changed.run();
    }
    return reported.contains(volume);
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

  /** The API has these. */
  void reported(List<String> names) {
    reported = Set.copyOf(names);
  }
}
