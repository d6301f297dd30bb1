package dev.coxswain.e2e.csi;

import dev.coxswain.proto.csi.NodeExpandVolumeRequest;
import dev.coxswain.proto.csi.NodeExpandVolumeResponse;
import dev.coxswain.proto.csi.NodeGetCapabilitiesRequest;
import dev.coxswain.proto.csi.NodeGetCapabilitiesResponse;
import dev.coxswain.proto.csi.NodeGetInfoRequest;
import dev.coxswain.proto.csi.NodeGetInfoResponse;
import dev.coxswain.proto.csi.NodeGetVolumeStatsRequest;
import dev.coxswain.proto.csi.NodeGetVolumeStatsResponse;
import dev.coxswain.proto.csi.NodeGrpc;
import dev.coxswain.proto.csi.NodePublishVolumeRequest;
import dev.coxswain.proto.csi.NodePublishVolumeResponse;
import dev.coxswain.proto.csi.NodeServiceCapability;
import dev.coxswain.proto.csi.NodeStageVolumeRequest;
import dev.coxswain.proto.csi.NodeStageVolumeResponse;
import dev.coxswain.proto.csi.NodeUnpublishVolumeRequest;
import dev.coxswain.proto.csi.NodeUnpublishVolumeResponse;
import dev.coxswain.proto.csi.NodeUnstageVolumeRequest;
import dev.coxswain.proto.csi.NodeUnstageVolumeResponse;
import dev.coxswain.proto.csi.Topology;
import dev.coxswain.proto.csi.VolumeUsage;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/** The node service of the tests' driver: file systems are directories, devices are loops. */
final class DirectoryNode extends NodeGrpc.NodeImplBase {
  private static final long DEVICE_BYTES = 4 << 20;

  private final String node;
  private final Path own;

  DirectoryNode(String node, Path own) {
    this.node = node;
    this.own = own;
  }

  @Override
  public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> answer) {
    answer.onNext(
        NodeGetInfoResponse.newBuilder()
            .setNodeId("id-of-" + node)
            .setMaxVolumesPerNode(7)
            .setAccessibleTopology(Topology.newBuilder().putSegments("tests.coxswain/node", node))
            .build());
    answer.onCompleted();
  }

  @Override
  public void nodeGetCapabilities(
      NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> answer) {
    NodeGetCapabilitiesResponse.Builder all = NodeGetCapabilitiesResponse.newBuilder();
    for (var type :
        new NodeServiceCapability.RPC.Type[] {
          NodeServiceCapability.RPC.Type.STAGE_UNSTAGE_VOLUME,
          NodeServiceCapability.RPC.Type.GET_VOLUME_STATS,
          NodeServiceCapability.RPC.Type.EXPAND_VOLUME
        }) {
      all.addCapabilities(
          NodeServiceCapability.newBuilder()
              .setRpc(NodeServiceCapability.RPC.newBuilder().setType(type)));
    }
    answer.onNext(all.build());
    answer.onCompleted();
  }

  @Override
  public void nodeStageVolume(
      NodeStageVolumeRequest request, StreamObserver<NodeStageVolumeResponse> answer) {
    answer(
        answer,
        NodeStageVolumeResponse.getDefaultInstance(),
        () -> {
          note(
              "stage",
              request.getVolumeId(),
              Map.of(
                  "secrets", String.join(",", request.getSecretsMap().keySet()),
                  "attached", String.join(",", request.getPublishContextMap().values())));
          if (request.getVolumeCapability().hasMount()) {
            bind(volume(request.getVolumeId()), Path.of(request.getStagingTargetPath()));
          }
        });
  }

  @Override
  public void nodeUnstageVolume(
      NodeUnstageVolumeRequest request, StreamObserver<NodeUnstageVolumeResponse> answer) {
    answer(
        answer,
        NodeUnstageVolumeResponse.getDefaultInstance(),
        () -> {
          note("unstage", request.getVolumeId(), Map.of());
          unmount(Path.of(request.getStagingTargetPath()));
        });
  }

  @Override
  public void nodePublishVolume(
      NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> answer) {
    answer(
        answer,
        NodePublishVolumeResponse.getDefaultInstance(),
        () -> {
          Map<String, String> told = new TreeMap<>(request.getVolumeContextMap());
          told.put("secrets", String.join(",", request.getSecretsMap().keySet()));
          told.put("readOnly", Boolean.toString(request.getReadonly()));
          told.put("mode", request.getVolumeCapability().getAccessMode().getMode().name());
          note("publish", request.getVolumeId(), told);
          Path target = Path.of(request.getTargetPath());
          if (request.getVolumeCapability().hasBlock()) {
            Files.createDirectories(target.getParent());
            if (!Files.exists(target)) {
              Files.createFile(target);
            }
            bind(device(request.getVolumeId()), target);
          } else {
            Files.createDirectories(target);
            bind(
                request.getStagingTargetPath().isEmpty()
                    ? volume(request.getVolumeId())
                    : Path.of(request.getStagingTargetPath()),
                target);
          }
        });
  }

  @Override
  public void nodeUnpublishVolume(
      NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> answer) {
    answer(
        answer,
        NodeUnpublishVolumeResponse.getDefaultInstance(),
        () -> {
          note("unpublish", request.getVolumeId(), Map.of());
          Path target = Path.of(request.getTargetPath());
          unmount(target);
          Files.deleteIfExists(target);
          String loop = loop(request.getVolumeId());
          if (!loop.isEmpty()) {
            run("losetup", "-d", loop);
          }
        });
  }

  @Override
  public void nodeExpandVolume(
      NodeExpandVolumeRequest request, StreamObserver<NodeExpandVolumeResponse> answer) {
    long bytes = request.getCapacityRange().getRequiredBytes();
    answer(
        answer,
        NodeExpandVolumeResponse.newBuilder().setCapacityBytes(bytes).build(),
        () -> {
          note("expand", request.getVolumeId(), Map.of("bytes", Long.toString(bytes)));
          Files.writeString(Path.of(request.getVolumePath()).resolve("size"), bytes + "\n");
        });
  }

  @Override
  public void nodeGetVolumeStats(
      NodeGetVolumeStatsRequest request, StreamObserver<NodeGetVolumeStatsResponse> answer) {
    answer.onNext(
        NodeGetVolumeStatsResponse.newBuilder()
            .addUsage(
                VolumeUsage.newBuilder()
                    .setUnit(VolumeUsage.Unit.BYTES)
                    .setTotal(1000)
                    .setUsed(300)
                    .setAvailable(700))
            .addUsage(
                VolumeUsage.newBuilder()
                    .setUnit(VolumeUsage.Unit.INODES)
                    .setTotal(10)
                    .setUsed(3)
                    .setAvailable(7))
            .build());
    answer.onCompleted();
  }

  private interface Work {
    void run() throws IOException;
  }

  /** One call at a time, and a failure is told as gRPC tells it. */
  private synchronized <R> void answer(StreamObserver<R> observer, R success, Work work) {
    try {
      work.run();
      observer.onNext(success);
      observer.onCompleted();
    } catch (IOException failure) {
      observer.onError(Status.INTERNAL.withDescription(failure.getMessage()).asRuntimeException());
    }
  }

  private void note(String call, String volume, Map<String, String> told) throws IOException {
    Files.writeString(
        own.resolve("calls"),
        call + " " + volume + " " + new TreeMap<>(told) + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private Path volume(String id) throws IOException {
    return Files.createDirectories(own.resolve("volumes").resolve(id));
  }

  private Path device(String id) throws IOException {
    Path file = Files.createDirectories(own.resolve("devices")).resolve(id);
    if (!Files.exists(file)) {
      try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
        image.setLength(DEVICE_BYTES);
      }
    }
    String known = loop(id);
    return Path.of(
        known.isEmpty() ? run("losetup", "-f", "--show", file.toString()).strip() : known);
  }

  /** The loop device of a volume; empty for none. */
  private String loop(String id) throws IOException {
    String all = run("losetup", "-j", own.resolve("devices").resolve(id).toString()).strip();
    return all.isEmpty() ? "" : all.substring(0, all.indexOf(':'));
  }

  private static void bind(Path source, Path target) throws IOException {
    if (!mounted(target)) {
      run("mount", "--bind", source.toString(), target.toString());
    }
  }

  private static void unmount(Path target) throws IOException {
    if (mounted(target)) {
      run("umount", target.toString());
    }
  }

  private static boolean mounted(Path target) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .anyMatch(line -> line.split(" ", 6)[4].equals(target.toString()));
  }

  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output.strip());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
    return output;
  }
}
