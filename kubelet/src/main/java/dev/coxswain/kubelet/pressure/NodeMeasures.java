package dev.coxswain.kubelet.pressure;

import dev.coxswain.kubelet.usage.PodUse;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The node as the evictor sees it; every call measures anew. */
public interface NodeMeasures {
  /** What is free, by signal; a signal that cannot be measured is absent. */
  Map<Signal, Reading> read() throws IOException;

  /** What these pods use. */
  List<PodUse> use(Collection<Pod> pods);

  /** Whether images lie on the same file system as everything else. */
  boolean oneFileSystem();
}
