package dev.coxswain.kubelet.usage;

import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.proto.cri.ContainerStats;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Measures pods: memory and writable layers by the runtime, logs and volumes by counting. */
public final class UsageReader {
  private static final Path PROC = Path.of("/proc");

  private final ContainerRuntime runtime;
  private final NodePaths paths;
  private final PodCgroups cgroups;
  private final Function<Pod, List<ClaimUse>> claims;

  /**
   * Measures what this runtime runs and what lies below these paths.
   *
   * @param claims how full the volumes behind a pod's claims are
   */
  public UsageReader(
      ContainerRuntime runtime,
      NodePaths paths,
      PodCgroups cgroups,
      Function<Pod, List<ClaimUse>> claims) {
    this.claims = claims;
    this.runtime = runtime;
    this.paths = paths;
    this.cgroups = cgroups;
  }

  /**
   * Measures these pods now. The cost grows with the number of their files.
   *
   * @throws dev.coxswain.kubelet.cri.CriException when the runtime does not answer
   */
  public List<PodUse> read(Collection<Pod> pods) {
    return read(pods, Depth.FILES);
  }

  /** Measures, and asks how full the volumes behind claims are: their drivers may take a while. */
  public List<PodUse> readAll(Collection<Pod> pods) {
    return read(pods, Depth.CLAIMS);
  }

  /** Measures without counting files: logs and volumes seem empty. */
  public List<PodUse> readQuickly(Collection<Pod> pods) {
    return read(pods, Depth.QUICK);
  }

  /** How much is looked at, each with all before it. */
  private enum Depth {
    QUICK,
    FILES,
    CLAIMS
  }

  private List<PodUse> read(Collection<Pod> pods, Depth depth) {
    Map<String, Map<String, ContainerStats>> stats = byPodAndContainer();
    return pods.stream()
        .map(pod -> read(pod, stats.getOrDefault(pod.getMetadata().getUid(), Map.of()), depth))
        .toList();
  }

  private PodUse read(Pod pod, Map<String, ContainerStats> stats, Depth depth) {
    List<ContainerUse> containers = new ArrayList<>();
    Path logs = paths.podLogs(pod);
    for (Member member : Member.of(pod)) {
      containers.add(
          new ContainerUse(
              member.name(), stats.get(member.name()), TreeSize.of(logs.resolve(member.name()))));
    }
    Map<String, TreeSize> volumes = new HashMap<>();
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (depth != Depth.QUICK && onDisk(volume)) {
        volumes.put(
            volume.getName(),
            TreeSize.of(paths.volume(pod.getMetadata().getUid(), "empty-dir", volume.getName())));
      }
    }
    return new PodUse(
        pod,
        containers,
        volumes,
        depth == Depth.CLAIMS ? claims(pod) : List.of(),
        network(pod),
        cgroups.processes(pod));
  }

  /** How full the volumes behind a pod's claims are. */
  public List<ClaimUse> claims(Pod pod) {
    return claims.apply(pod);
  }

  private List<InterfaceUse> network(Pod pod) {
    OptionalLong process =
        Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
            ? OptionalLong.empty()
            : cgroups.process(pod);
    return process.isPresent() ? InterfaceUse.of(PROC, process.getAsLong()) : List.of();
  }

  /** Whether what a volume holds takes room on the node's disk, and is the pod's alone. */
  public static boolean onDisk(Volume volume) {
    return volume.getEmptyDir() != null
        && Objects.requireNonNullElse(volume.getEmptyDir().getMedium(), "").isEmpty();
  }

  private Map<String, Map<String, ContainerStats>> byPodAndContainer() {
    Map<String, Map<String, ContainerStats>> result = new HashMap<>();
    for (ContainerStats one : runtime.listContainerStats()) {
      Map<String, String> labels = one.getAttributes().getLabelsMap();
      @Nullable String uid = labels.get(CriLabels.POD_UID);
      if (uid != null) {
        result
            .computeIfAbsent(uid, ignored -> new HashMap<>())
            .put(labels.getOrDefault(CriLabels.CONTAINER_NAME, ""), one);
      }
    }
    return result;
  }
}
