package dev.coxswain.kubelet.cri;

import dev.coxswain.proto.cri.AttachRequest;
import dev.coxswain.proto.cri.AuthConfig;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerConfig;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.ContainerStatusRequest;
import dev.coxswain.proto.cri.CreateContainerRequest;
import dev.coxswain.proto.cri.ExecRequest;
import dev.coxswain.proto.cri.ExecSyncRequest;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.proto.cri.FilesystemUsage;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.ImageFsInfoRequest;
import dev.coxswain.proto.cri.ImageServiceGrpc;
import dev.coxswain.proto.cri.ImageSpec;
import dev.coxswain.proto.cri.ImageStatusRequest;
import dev.coxswain.proto.cri.ImageStatusResponse;
import dev.coxswain.proto.cri.LinuxContainerResources;
import dev.coxswain.proto.cri.ListContainerStatsRequest;
import dev.coxswain.proto.cri.ListContainersRequest;
import dev.coxswain.proto.cri.ListImagesRequest;
import dev.coxswain.proto.cri.ListPodSandboxRequest;
import dev.coxswain.proto.cri.PodSandbox;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.proto.cri.PodSandboxFilter;
import dev.coxswain.proto.cri.PodSandboxStatus;
import dev.coxswain.proto.cri.PodSandboxStatusRequest;
import dev.coxswain.proto.cri.PortForwardRequest;
import dev.coxswain.proto.cri.PullImageRequest;
import dev.coxswain.proto.cri.RemoveContainerRequest;
import dev.coxswain.proto.cri.RemoveImageRequest;
import dev.coxswain.proto.cri.RemovePodSandboxRequest;
import dev.coxswain.proto.cri.ReopenContainerLogRequest;
import dev.coxswain.proto.cri.RunPodSandboxRequest;
import dev.coxswain.proto.cri.RuntimeFeatures;
import dev.coxswain.proto.cri.RuntimeServiceGrpc;
import dev.coxswain.proto.cri.RuntimeStatus;
import dev.coxswain.proto.cri.StartContainerRequest;
import dev.coxswain.proto.cri.StatusRequest;
import dev.coxswain.proto.cri.StatusResponse;
import dev.coxswain.proto.cri.StopContainerRequest;
import dev.coxswain.proto.cri.StopPodSandboxRequest;
import dev.coxswain.proto.cri.UpdateContainerResourcesRequest;
import dev.coxswain.proto.cri.VersionRequest;
import dev.coxswain.proto.cri.VersionResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** CRI v1 over a gRPC channel. Every call carries a deadline. */
public final class CriClient implements ContainerRuntime, ImageStore {
  /** Upstream's {@code runtimeRequestTimeout}. */
  private static final Duration CALL = Duration.ofMinutes(2);

  /** Making a sandbox includes the network plugins, which may be slow on a loaded node. */
  private static final Duration RUN_SANDBOX = Duration.ofMinutes(4);

  /** Longer than any image takes that is worth waiting for in one attempt. */
  private static final Duration PULL = Duration.ofMinutes(30);

  /** What the runtime may need beyond the timeout that it was itself given. */
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime;
  private final ImageServiceGrpc.ImageServiceBlockingStub images;
  private final Tasks tasks;

  /** Uses the channel, which stays the caller's to close. */
  public CriClient(ManagedChannel channel) {
    runtime = RuntimeServiceGrpc.newBlockingStub(channel);
    images = ImageServiceGrpc.newBlockingStub(channel);
    tasks = new Tasks(channel);
  }

  @Override
  public VersionResponse version() {
    return call(() -> runtime(CALL).version(VersionRequest.newBuilder().setVersion("v1").build()));
  }

  @Override
  public RuntimeStatus status() {
    return abilities().getStatus();
  }

  @Override
  public RuntimeFeatures features() {
    return abilities().getFeatures();
  }

  /** How it is, and what it can do by itself and by its handlers. */
  public StatusResponse abilities() {
    return call(() -> runtime(CALL).status(StatusRequest.getDefaultInstance()));
  }

  @Override
  public boolean mountsReadOnlyRecursively(String handler) {
    return abilities().getRuntimeHandlersList().stream()
        .anyMatch(
            one -> one.getName().equals(handler) && one.getFeatures().getRecursiveReadOnlyMounts());
  }

  @Override
  public Map<String, String> information() {
    StatusRequest verbose = StatusRequest.newBuilder().setVerbose(true).build();
    return call(() -> runtime(CALL).status(verbose)).getInfoMap();
  }

  @Override
  public String runPodSandbox(PodSandboxConfig config, String runtimeHandler) {
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(config)
            .setRuntimeHandler(runtimeHandler)
            .build();
    return call(() -> runtime(RUN_SANDBOX).runPodSandbox(request)).getPodSandboxId();
  }

  @Override
  public void stopPodSandbox(String sandboxId) {
    StopPodSandboxRequest request =
        StopPodSandboxRequest.newBuilder().setPodSandboxId(sandboxId).build();
    absentIsDone(() -> runtime(CALL).stopPodSandbox(request));
  }

  @Override
  public void removePodSandbox(String sandboxId) {
    RemovePodSandboxRequest request =
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandboxId).build();
    ContainerFilter inside = ContainerFilter.newBuilder().setPodSandboxId(sandboxId).build();
    remove(
        () -> runtime(CALL).removePodSandbox(request),
        () -> listContainers(inside).stream().map(Container::getId).toList());
  }

  @Override
  public PodSandboxStatus podSandboxStatus(String sandboxId) {
    PodSandboxStatusRequest request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandboxId).build();
    return call(() -> runtime(CALL).podSandboxStatus(request)).getStatus();
  }

  @Override
  public List<PodSandbox> listPodSandboxes(PodSandboxFilter filter) {
    ListPodSandboxRequest request = ListPodSandboxRequest.newBuilder().setFilter(filter).build();
    return call(() -> runtime(CALL).listPodSandbox(request)).getItemsList();
  }

  @Override
  public String createContainer(
      String sandboxId, ContainerConfig config, PodSandboxConfig sandbox) {
    CreateContainerRequest request =
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandboxId)
            .setConfig(config)
            .setSandboxConfig(sandbox)
            .build();
    return call(() -> runtime(CALL).createContainer(request)).getContainerId();
  }

  @Override
  public void startContainer(String containerId) {
    StartContainerRequest request =
        StartContainerRequest.newBuilder().setContainerId(containerId).build();
    call(() -> runtime(CALL).startContainer(request));
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    StopContainerRequest request =
        StopContainerRequest.newBuilder()
            .setContainerId(containerId)
            .setTimeout(grace.toSeconds())
            .build();
    absentIsDone(() -> runtime(CALL.plus(grace)).stopContainer(request));
  }

  @Override
  public void stopContainer(String containerId, int signal, Duration grace) {
    boolean known = tasks.end(containerId, signal, grace);
    stopContainer(containerId, known ? Duration.ZERO : grace);
  }

  @Override
  public void removeContainer(String containerId) {
    RemoveContainerRequest request =
        RemoveContainerRequest.newBuilder().setContainerId(containerId).build();
    remove(() -> runtime(CALL).removeContainer(request), () -> List.of(containerId));
  }

  /** Where tasks that nobody ends any more are in the way, they go first. */
  private void remove(Supplier<?> removal, Supplier<List<String>> containers) {
    try {
      absentIsDone(removal);
    } catch (CriException failure) {
      if (failure.code() != Status.Code.FAILED_PRECONDITION) {
        throw failure;
      }
      boolean deleted = false;
      for (String container : containers.get()) {
        deleted |= tasks.delete(container);
      }
      if (!deleted) {
        throw failure;
      }
      absentIsDone(removal);
    }
  }

  @Override
  public List<Container> listContainers(ContainerFilter filter) {
    ListContainersRequest request = ListContainersRequest.newBuilder().setFilter(filter).build();
    return call(() -> runtime(CALL).listContainers(request)).getContainersList();
  }

  @Override
  public ContainerStatus containerStatus(String containerId) {
    ContainerStatusRequest request =
        ContainerStatusRequest.newBuilder().setContainerId(containerId).build();
    return call(() -> runtime(CALL).containerStatus(request)).getStatus();
  }

  @Override
  public void updateContainerResources(String containerId, LinuxContainerResources resources) {
    UpdateContainerResourcesRequest request =
        UpdateContainerResourcesRequest.newBuilder()
            .setContainerId(containerId)
            .setLinux(resources)
            .build();
    call(() -> runtime(CALL).updateContainerResources(request));
  }

  @Override
  public void reopenContainerLog(String containerId) {
    ReopenContainerLogRequest request =
        ReopenContainerLogRequest.newBuilder().setContainerId(containerId).build();
    call(() -> runtime(CALL).reopenContainerLog(request));
  }

  @Override
  public ExecSyncResponse execSync(String containerId, List<String> command, Duration timeout) {
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(containerId)
            .addAllCmd(command)
            .setTimeout(Math.max(1, timeout.toSeconds()))
            .build();
    return call(() -> runtime(timeout.plus(MARGIN)).execSync(request));
  }

  @Override
  public String exec(ExecTarget target) {
    ExecRequest request =
        ExecRequest.newBuilder()
            .setContainerId(target.containerId())
            .addAllCmd(target.command())
            .setTty(target.tty())
            .setStdin(target.stdin())
            .setStdout(target.stdout())
            .setStderr(target.stderr())
            .build();
    return call(() -> runtime(CALL).exec(request)).getUrl();
  }

  @Override
  public String attach(ExecTarget target) {
    AttachRequest request =
        AttachRequest.newBuilder()
            .setContainerId(target.containerId())
            .setTty(target.tty())
            .setStdin(target.stdin())
            .setStdout(target.stdout())
            .setStderr(target.stderr())
            .build();
    return call(() -> runtime(CALL).attach(request)).getUrl();
  }

  @Override
  public String portForward(String sandboxId, List<Integer> ports) {
    PortForwardRequest request =
        PortForwardRequest.newBuilder().setPodSandboxId(sandboxId).addAllPort(ports).build();
    return call(() -> runtime(CALL).portForward(request)).getUrl();
  }

  @Override
  public List<ContainerStats> listContainerStats() {
    return call(
            () -> runtime(CALL).listContainerStats(ListContainerStatsRequest.getDefaultInstance()))
        .getStatsList();
  }

  @Override
  public Optional<Image> find(String reference) {
    ImageStatusRequest request = ImageStatusRequest.newBuilder().setImage(spec(reference)).build();
    ImageStatusResponse response = call(() -> images(CALL).imageStatus(request));
    return response.hasImage() ? Optional.of(response.getImage()) : Optional.empty();
  }

  @Override
  public Map<String, String> information(String reference) {
    ImageStatusRequest verbose =
        ImageStatusRequest.newBuilder().setImage(spec(reference)).setVerbose(true).build();
    return call(() -> images(CALL).imageStatus(verbose)).getInfoMap();
  }

  @Override
  public String pull(String reference, @Nullable AuthConfig credentials, PodSandboxConfig pod) {
    PullImageRequest.Builder request =
        PullImageRequest.newBuilder().setImage(spec(reference)).setSandboxConfig(pod);
    if (credentials != null) {
      request.setAuth(credentials);
    }
    return call(() -> images(PULL).pullImage(request.build())).getImageRef();
  }

  @Override
  public List<Image> list() {
    return call(() -> images(CALL).listImages(ListImagesRequest.getDefaultInstance()))
        .getImagesList();
  }

  @Override
  public void remove(String reference) {
    RemoveImageRequest request = RemoveImageRequest.newBuilder().setImage(spec(reference)).build();
    absentIsDone(() -> images(CALL).removeImage(request));
  }

  @Override
  public List<FilesystemUsage> fileSystems() {
    return call(() -> images(CALL).imageFsInfo(ImageFsInfoRequest.getDefaultInstance()))
        .getImageFilesystemsList();
  }

  private static ImageSpec spec(String reference) {
    return ImageSpec.newBuilder().setImage(reference).build();
  }

  private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime(Duration deadline) {
    return runtime.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private ImageServiceGrpc.ImageServiceBlockingStub images(Duration deadline) {
    return images.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static <R> R call(Supplier<R> request) {
    try {
      return request.get();
    } catch (StatusRuntimeException failure) {
      throw CriException.of(failure);
    }
  }

  private static void absentIsDone(Supplier<?> request) {
    try {
      call(request);
    } catch (CriException failure) {
      if (!failure.isNotFound()) {
        throw failure;
      }
    }
  }
}
