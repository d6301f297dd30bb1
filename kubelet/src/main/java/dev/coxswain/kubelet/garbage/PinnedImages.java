package dev.coxswain.kubelet.garbage;

import dev.coxswain.kubelet.cri.Containerd;
import dev.coxswain.proto.containerd.ImagesGrpc;
import dev.coxswain.proto.containerd.ListImagesRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Images that containerd has marked as pinned. Since 1.7 its CRI says so itself; before, only its
 * own API shows the mark.
 */
public final class PinnedImages {
  private static final String PINNED = "labels.\"io.cri-containerd.pinned\"==pinned";

  private final ManagedChannel channel;

  /** Asks over the runtime's channel. */
  public PinnedImages(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Their names; empty where the runtime cannot be asked now. Another runtime than containerd has
   * none.
   */
  public Optional<Set<String>> names() {
    try {
      return Optional.of(
          Containerd.call(ImagesGrpc.newBlockingStub(channel))
              .list(ListImagesRequest.newBuilder().addFilters(PINNED).build())
              .getImagesList()
              .stream()
              .map(image -> image.getName())
              .collect(Collectors.toUnmodifiableSet()));
    } catch (StatusRuntimeException failure) {
      return failure.getStatus().getCode() == Status.Code.UNIMPLEMENTED
          ? Optional.of(Set.of())
          : Optional.empty();
    }
  }
}
