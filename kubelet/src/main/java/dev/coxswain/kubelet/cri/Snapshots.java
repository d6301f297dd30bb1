package dev.coxswain.kubelet.cri;

import dev.coxswain.proto.containerd.MountsRequest;
import dev.coxswain.proto.containerd.RemoveSnapshotRequest;
import dev.coxswain.proto.containerd.SnapshotMount;
import dev.coxswain.proto.containerd.SnapshotsGrpc;
import dev.coxswain.proto.containerd.ViewSnapshotRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;

/** Read-only views of images by containerd's own API. Calls fail with {@link CriException}. */
public final class Snapshots {
  /** What carries it is kept by containerd's garbage collection, and so is what lies below. */
  private static final Map<String, String> KEPT =
      Map.of("containerd.io/gc.root", "coxswain-image-volume");

  private final Channel channel;

  /** Asks over the runtime's channel. */
  public Snapshots(Channel channel) {
    this.channel = channel;
  }

  /**
   * Makes a view, or finds the one of this key.
   *
   * @param parent the image's uppermost layer, by its chain id
   * @return how to mount it
   */
  public List<SnapshotMount> view(String snapshotter, String key, String parent) {
    try {
      return stub()
          .view(
              ViewSnapshotRequest.newBuilder()
                  .setSnapshotter(snapshotter)
                  .setKey(key)
                  .setParent(parent)
                  .putAllLabels(KEPT)
                  .build())
          .getMountsList();
    } catch (StatusRuntimeException failure) {
      if (failure.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw CriException.of(failure);
      }
    }
    try {
      return stub()
          .mounts(MountsRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build())
          .getMountsList();
    } catch (StatusRuntimeException failure) {
      throw CriException.of(failure);
    }
  }

  /** Removes a view; one that is not there is no failure. */
  public void remove(String snapshotter, String key) {
    try {
      stub()
          .remove(
              RemoveSnapshotRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build());
    } catch (StatusRuntimeException failure) {
      if (failure.getStatus().getCode() != Status.Code.NOT_FOUND) {
        throw CriException.of(failure);
      }
    }
  }

  private SnapshotsGrpc.SnapshotsBlockingStub stub() {
    return Containerd.call(SnapshotsGrpc.newBlockingStub(channel));
  }
}
