package dev.coxswain.bench.node;

import dev.coxswain.kubelet.cri.CriClient;
import dev.coxswain.proto.cri.ContainerConfig;
import dev.coxswain.proto.cri.ContainerMetadata;
import dev.coxswain.proto.cri.ImageSpec;
import dev.coxswain.proto.cri.LinuxPodSandboxConfig;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.proto.cri.PodSandboxMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The bare calls: sandbox, container, start; and back. All pods at once, as our kubelet does. */
final class RuntimePods implements Pods {
  private static final Path LOGS = Path.of("/var/log/pods/raw");

  private final CriClient runtime;
  private final Path nodeRoot;
  private List<Made> made = List.of();
  private int rounds;

  /**
   * Makes pods in a runtime.
   *
   * @param nodeRoot the node's file system as this process sees it
   */
  RuntimePods(CriClient runtime, Path nodeRoot) {
    this.runtime = runtime;
    this.nodeRoot = nodeRoot;
  }

  private record Made(String sandbox, String container) {}

  @Override
  public void start(int count) throws InterruptedException {
    rounds++;
    made = Together.each(count, this::startOne);
  }

  private Made startOne(int number) {
    String name = "raw-" + rounds + "-" + number;
    Path logs = LOGS.resolve(name);
    try {
      Files.createDirectories(nodeRoot.resolve(Path.of("/").relativize(logs)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    PodSandboxConfig sandbox =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setNamespace("raw").setUid(name))
            .setHostname(name)
            .setLogDirectory(logs.toString())
            .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent("/raw/" + name))
            .build();
    String sandboxId = runtime.runPodSandbox(sandbox, "");
    ContainerConfig container =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("main"))
            .setImage(ImageSpec.newBuilder().setImage(IMAGE))
            .addAllCommand(COMMAND)
            .setLogPath("main.log")
            .build();
    String containerId = runtime.createContainer(sandboxId, container, sandbox);
    runtime.startContainer(containerId);
    return new Made(sandboxId, containerId);
  }

  @Override
  public void stop() throws InterruptedException {
    List<Made> all = made;
    Together.each(
        all.size(),
        number -> {
          runtime.stopContainer(all.get(number).container(), Duration.ofSeconds(GRACE_SECONDS));
          runtime.stopPodSandbox(all.get(number).sandbox());
          runtime.removePodSandbox(all.get(number).sandbox());
          return number;
        });
    made = List.of();
  }
}
