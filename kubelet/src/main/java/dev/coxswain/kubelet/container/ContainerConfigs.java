package dev.coxswain.kubelet.container;

import com.google.protobuf.ByteString;
import dev.coxswain.kubelet.cgroup.Amounts;
import dev.coxswain.kubelet.cgroup.HugePages;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.dns.HostsFile;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.Environment;
import dev.coxswain.kubelet.env.Expansion;
import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.kubelet.sandbox.Hostnames;
import dev.coxswain.kubelet.volume.FileTrees;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.proto.cri.ContainerConfig;
import dev.coxswain.proto.cri.ContainerMetadata;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.ImageSpec;
import dev.coxswain.proto.cri.KeyValue;
import dev.coxswain.proto.cri.LinuxContainerConfig;
import dev.coxswain.proto.cri.LinuxContainerResources;
import dev.coxswain.proto.cri.Mount;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Describes containers to the runtime. */
public final class ContainerConfigs {
  private static final String DEFAULT_MESSAGE_PATH = "/dev/termination-log";
  private static final String HOSTS = "/etc/hosts";
  private static final JsonMapper JSON = new JsonMapper();

  private final NodePaths paths;
  private final Environment environment;
  private final VolumeManager volumes;
  private final String clusterDomain;
  private final long memoryCapacity;
  private final Map<String, String> unified;
  private final Mounts.Recursion recursion;

  /**
   * Describes containers on a node.
   *
   * @param memoryCapacity the node's memory in bytes
   * @param unified what is set of cgroup v2 for each container, by file; empty for v1
   * @param recursion whether mounts can be read-only with all below them
   */
  public ContainerConfigs(
      NodePaths paths,
      Environment environment,
      VolumeManager volumes,
      String clusterDomain,
      long memoryCapacity,
      Map<String, String> unified,
      Mounts.Recursion recursion) {
    this.paths = paths;
    this.environment = environment;
    this.volumes = volumes;
    this.clusterDomain = clusterDomain;
    this.memoryCapacity = memoryCapacity;
    this.unified = Map.copyOf(unified);
    this.recursion = recursion;
  }

  /**
   * What makes one container of a name differ from the next.
   *
   * @param targetId the container whose processes an ephemeral one sees; null for none
   * @param mounted the images that it mounts, by volume
   */
  public record Attempt(
      int restarts, Duration backoff, @Nullable String targetId, Map<String, Image> mounted) {
    public Attempt {
      mounted = Map.copyOf(mounted);
    }
  }

  /**
   * The container's description; its log directory and mounted files are made on the way.
   *
   * @throws ConfigException for a spec that cannot be met now
   */
  public ContainerConfig of(PodFields fields, Member member, Image image, Attempt attempt)
      throws ConfigException, IOException {
    Pod pod = fields.pod();
    Container container = member.container();
    Map<String, String> variables = environment.resolve(container, fields);
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder()
            .setMetadata(
                ContainerMetadata.newBuilder()
                    .setName(member.name())
                    .setAttempt(attempt.restarts()))
            .setImage(
                ImageSpec.newBuilder()
                    .setImage(image.getId())
                    .setUserSpecifiedImage(container.getImage()))
            .setLogPath(NodePaths.containerLog(member.name(), attempt.restarts()))
            .setStdin(Boolean.TRUE.equals(container.getStdin()))
            .setStdinOnce(Boolean.TRUE.equals(container.getStdinOnce()))
            .setTty(Boolean.TRUE.equals(container.getTty()))
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(resources(pod, container))
                    .setSecurityContext(
                        ContainerSecurity.of(
                            pod,
                            member,
                            image,
                            attempt.targetId(),
                            paths.root().resolve("seccomp"))));
    if (container.getWorkingDir() != null) {
      config.setWorkingDir(container.getWorkingDir());
    }
    config.addAllCommand(Expansion.expand(container.getCommand(), variables));
    config.addAllArgs(Expansion.expand(container.getArgs(), variables));
    variables.forEach((name, value) ->
        config.addEnvs(
            KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value))));
    config.addAllMounts(
        Mounts.of(
            pod,
            container,
            volumes,
            attempt.mounted(),
            paths.subPaths(pod.getMetadata().getUid(), member.name()),
            variables,
            recursion));
    config.addAllDevices(Devices.of(pod, container, volumes));
    mountHosts(fields, config);
    labels(pod, member, attempt, config);
    mountMessageFile(pod, container, attempt.restarts(), config);
    Files.createDirectories(paths.podLogs(pod).resolve(member.name()));
    return config.build();
  }

  /** What the container may use, as the runtime wants to hear it. */
  public LinuxContainerResources resources(Pod pod, Container container) {
    return Amounts.of(pod, container)
        .cri(Amounts.oomScore(pod, container, memoryCapacity))
        .toBuilder()
        .addAllHugepageLimits(HugePages.limits(container))
        .putAllUnified(unified)
        .build();
  }

  private static void labels(
      Pod pod, Member member, Attempt attempt, ContainerConfig.Builder config) {
    Container container = member.container();
    config
        .putLabels(CriLabels.POD_NAME, pod.getMetadata().getName())
        .putLabels(CriLabels.POD_NAMESPACE, pod.getMetadata().getNamespace())
        .putLabels(CriLabels.POD_UID, pod.getMetadata().getUid())
        .putLabels(CriLabels.CONTAINER_NAME, member.name())
        .putAnnotations(CriLabels.CONTAINER_HASH, member.hash())
        .putAnnotations(CriLabels.RESTART_COUNT, Integer.toString(attempt.restarts()))
        .putAnnotations(CriLabels.BACKOFF_SECONDS, Long.toString(attempt.backoff().toSeconds()))
        .putAnnotations(CriLabels.RESOURCES, resources(container))
        .putAnnotations(CriLabels.TERMINATION_MESSAGE_PATH, messagePath(container))
        .putAnnotations(
            CriLabels.TERMINATION_MESSAGE_POLICY,
            container.getTerminationMessagePolicy() == null
                ? "File"
                : container.getTerminationMessagePolicy());
  }

  private static String resources(Container container) {
    return JSON.writeValueAsString(
        container.getResources() == null ? new ResourceRequirements() : container.getResources());
  }

  private void mountHosts(PodFields fields, ContainerConfig.Builder config) throws IOException {
    Pod pod = fields.pod();
    boolean taken =
        config.getMountsList().stream().anyMatch(mount -> mount.getContainerPath().equals(HOSTS));
    if (taken) {
      return;
    }
    String text =
        Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
            ? HostsFile.ofHost(Files.readString(Path.of(HOSTS)), pod.getSpec().getHostAliases())
            : HostsFile.own(
                fields.podAddresses(),
                Hostnames.of(pod),
                Hostnames.domainName(pod, clusterDomain),
                pod.getSpec().getHostAliases());
    Path file = paths.hosts(pod.getMetadata().getUid());
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    FileTrees.mode(file, 0644);
    config.addMounts(Mount.newBuilder().setContainerPath(HOSTS).setHostPath(file.toString()));
  }

  private void mountMessageFile(
      Pod pod, Container container, int restarts, ContainerConfig.Builder config)
      throws IOException {
    Path directory = paths.container(pod.getMetadata().getUid(), container.getName());
    Files.createDirectories(directory);
    Path file = directory.resolve("message-" + restarts);
    Files.deleteIfExists(file);
    Files.createFile(file);
    FileTrees.mode(file, 0666);
    removeOlder(directory, restarts);
    config.addMounts(
        Mount.newBuilder().setContainerPath(messagePath(container)).setHostPath(file.toString()));
  }

  /** The one before is still read for the last state; those before it nobody asks for. */
  private static void removeOlder(Path directory, int restarts) throws IOException {
    List<Path> old = new ArrayList<>();
    for (int restart = restarts - 2; restart >= 0; restart--) {
      Path file = directory.resolve("message-" + restart);
      if (!Files.exists(file)) {
        break;
      }
      old.add(file);
    }
    for (Path file : old) {
      Files.deleteIfExists(file);
    }
  }

  private static String messagePath(Container container) {
    String path = container.getTerminationMessagePath();
    return path == null || path.isEmpty() ? DEFAULT_MESSAGE_PATH : path;
  }
}
