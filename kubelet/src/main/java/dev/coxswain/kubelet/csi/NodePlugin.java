package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.cri.LocalChannel;
import dev.coxswain.proto.csi.NodeExpandVolumeRequest;
import dev.coxswain.proto.csi.NodeGetCapabilitiesRequest;
import dev.coxswain.proto.csi.NodeGetInfoRequest;
import dev.coxswain.proto.csi.NodeGetInfoResponse;
import dev.coxswain.proto.csi.NodeGetVolumeStatsRequest;
import dev.coxswain.proto.csi.NodeGrpc;
import dev.coxswain.proto.csi.NodePublishVolumeRequest;
import dev.coxswain.proto.csi.NodeServiceCapability;
import dev.coxswain.proto.csi.NodeStageVolumeRequest;
import dev.coxswain.proto.csi.NodeUnpublishVolumeRequest;
import dev.coxswain.proto.csi.NodeUnstageVolumeRequest;
import dev.coxswain.proto.csi.VolumeUsage;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The node service of one driver, by CSI v1. Every call has a deadline. */
final class NodePlugin implements AutoCloseable {
  /** Mounting may take long; upstream waits as long. */
  private static final Duration MOUNTING = Duration.ofMinutes(2);

  private static final Duration ASKING = Duration.ofSeconds(15);

  private final LocalChannel channel;

  /** The service behind this endpoint; it is connected to when it is first called. */
  NodePlugin(String endpoint) {
    this.channel = new LocalChannel(endpoint);
  }

  NodeGetInfoResponse info() throws CsiException {
    return call(() -> node(ASKING).nodeGetInfo(NodeGetInfoRequest.getDefaultInstance()));
  }

  Set<NodeServiceCapability.RPC.Type> capabilities() throws CsiException {
    return call(
            () -> node(ASKING).nodeGetCapabilities(NodeGetCapabilitiesRequest.getDefaultInstance()))
        .getCapabilitiesList()
        .stream()
        .map(capability -> capability.getRpc().getType())
        .collect(Collectors.toUnmodifiableSet());
  }

  void stage(NodeStageVolumeRequest request) throws CsiException {
    call(() -> node(MOUNTING).nodeStageVolume(request));
  }

  void unstage(NodeUnstageVolumeRequest request) throws CsiException {
    call(() -> node(MOUNTING).nodeUnstageVolume(request));
  }

  void publish(NodePublishVolumeRequest request) throws CsiException {
    call(() -> node(MOUNTING).nodePublishVolume(request));
  }

  void unpublish(NodeUnpublishVolumeRequest request) throws CsiException {
    call(() -> node(MOUNTING).nodeUnpublishVolume(request));
  }

  void expand(NodeExpandVolumeRequest request) throws CsiException {
    call(() -> node(MOUNTING).nodeExpandVolume(request));
  }

  List<VolumeUsage> usage(NodeGetVolumeStatsRequest request) throws CsiException {
    return call(() -> node(ASKING).nodeGetVolumeStats(request)).getUsageList();
  }

  @Override
  public void close() {
    channel.close();
  }

  private NodeGrpc.NodeBlockingStub node(Duration deadline) {
    return NodeGrpc.newBlockingStub(channel.grpc())
        .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static <R> R call(Supplier<R> request) throws CsiException {
    try {
      return request.get();
    } catch (StatusRuntimeException failure) {
      throw new CsiException(failure);
    }
  }
}
