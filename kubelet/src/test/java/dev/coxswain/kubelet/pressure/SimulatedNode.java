package dev.coxswain.kubelet.pressure;

import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.TreeSize;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.proto.cri.MemoryUsage;
import dev.coxswain.proto.cri.UInt64Value;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A node of 1000 bytes of memory and 1000 of disk, and pods that take of them. */
final class SimulatedNode implements NodeMeasures, Evictor.Victims, Evictor.Clearing {
  static final long CAPACITY = 1000;

  /** What a pod takes. */
  record Use(long memory, long disk) {}

  final Map<String, Pod> pods = new LinkedHashMap<>();
  final Map<String, Use> uses = new LinkedHashMap<>();
  final List<String> ended = new CopyOnWriteArrayList<>();
  final Map<String, Ending> endings = new LinkedHashMap<>();

  /** Pods that leave something behind when they are ended. */
  final Set<String> held = ConcurrentHashMap.newKeySet();

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  long garbage;
  int clearings;

  void run(Pod pod, long memory, long disk) {
    pods.put(pod.getMetadata().getUid(), pod);
    uses.put(pod.getMetadata().getUid(), new Use(memory, disk));
  }

  long freeMemory() {
    return CAPACITY - uses.values().stream().mapToLong(Use::memory).sum();
  }

  long freeDisk() {
    return CAPACITY - garbage - uses.values().stream().mapToLong(Use::disk).sum();
  }

  @Override
  public Map<Signal, Reading> read() {
    return Map.of(
        Signal.MEMORY_AVAILABLE, new Reading(freeMemory(), CAPACITY),
        Signal.NODEFS_AVAILABLE, new Reading(freeDisk(), CAPACITY));
  }

  @Override
  public List<PodUse> use(Collection<Pod> wanted) {
    return wanted.stream()
        .map(pod -> use(pod, uses.getOrDefault(pod.getMetadata().getUid(), new Use(0, 0))))
        .toList();
  }

  static PodUse use(Pod pod, Use use) {
    ContainerStats stats =
        ContainerStats.newBuilder()
            .setMemory(
                MemoryUsage.newBuilder()
                    .setWorkingSetBytes(UInt64Value.newBuilder().setValue(use.memory())))
            .build();
    return new PodUse(
        pod,
        List.of(new ContainerUse("main", stats, new TreeSize(use.disk(), 1))),
        Map.of(),
        List.of(),
        List.of(),
        1);
  }

  @Override
  public boolean oneFileSystem() {
    return true;
  }

  @Override
  public void clearAll() {
    clearings++;
    garbage = 0;
  }

  @Override
  public List<Pod> active() {
    return List.copyOf(pods.values());
  }

  @Override
  public void end(String uid, Ending ending) {
    ended.add(uid);
    endings.put(uid, ending);
    pods.remove(uid);
    uses.remove(uid);
  }

  @Override
  public boolean released(String uid) {
    return !held.contains(uid);
  }

  @Override
  public void onEnding(Runnable listener) {
    listeners.add(listener);
  }

  /** Nothing of the pod is left. */
  void release(String uid) {
    held.remove(uid);
    listeners.forEach(Runnable::run);
  }

  Ending ending(String uid) {
    return Objects.requireNonNull(endings.get(uid), uid);
  }

  static Pod pod(String name, int priority, String memoryRequest) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid(name)
        .endMetadata()
        .withNewSpec()
        .withPriority(priority)
        .addNewContainer()
        .withName("main")
        .withNewResources()
        .addToRequests("memory", new Quantity(memoryRequest))
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }
}
