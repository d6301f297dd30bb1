package dev.coxswain.kubelet.cri;

import io.grpc.Metadata;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;

/** How containerd's own API is called for what CRI has made. */
public final class Containerd {
  private static final Metadata.Key<String> NAMESPACE =
      Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
  private static final long DEADLINE_SECONDS = 30;

  private Containerd() {}

  /** The stub in CRI's namespace and with a deadline, for one call. */
  public static <S extends AbstractStub<S>> S call(S stub) {
    Metadata headers = new Metadata();
    headers.put(NAMESPACE, "k8s.io");
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }
}
