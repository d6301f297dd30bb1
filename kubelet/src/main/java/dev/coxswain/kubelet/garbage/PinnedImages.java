package dev.coxswain.kubelet.garbage;

import dev.coxswain.proto.containerd.ImagesGrpc;
import dev.coxswain.proto.containerd.ListImagesRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Images that containerd has marked as pinned. Since 1.7 its CRI says so itself; before, only its
 * own API shows the mark.
 */
public final class PinnedImages {
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final String PINNED = "labels.\"io.cri-containerd.pinned\"==pinned";
  private static final long DEADLINE_SECONDS = 30;

  private final ManagedChannel channel;

  /** Asks over the runtime's channel. */
  public PinnedImages(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Their names; empty where the runtime cannot be asked now. Another runtime than containerd has
   * none.
   */
  Optional<Set<String>> names() {
    Metadata headers = new Metadata();
    headers.put(NAMESPACE, "k8s.io");
    try {
      return Optional.of(
          ImagesGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
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
