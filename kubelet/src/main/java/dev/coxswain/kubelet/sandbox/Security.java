package dev.coxswain.kubelet.sandbox;

import dev.coxswain.proto.cri.Int64Value;
import dev.coxswain.proto.cri.NamespaceMode;
import dev.coxswain.proto.cri.NamespaceOption;
import dev.coxswain.proto.cri.SecurityProfile;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What sandboxes and containers share of the security context. */
public final class Security {
  private Security() {}

  /** The namespaces that the pod's containers run in. */
  public static NamespaceOption namespaces(Pod pod) {
    PodSpec spec = pod.getSpec();
    NamespaceMode shared =
        Boolean.TRUE.equals(spec.getShareProcessNamespace())
            ? NamespaceMode.POD
            : NamespaceMode.CONTAINER;
    return NamespaceOption.newBuilder()
        .setNetwork(nodeOr(spec.getHostNetwork(), NamespaceMode.POD))
        .setIpc(nodeOr(spec.getHostIPC(), NamespaceMode.POD))
        .setPid(nodeOr(spec.getHostPID(), shared))
        .build();
  }

  /**
   * The seccomp profile; unconfined where none is asked for.
   *
   * @param profiles where Localhost profiles lie
   */
  public static SecurityProfile seccomp(@Nullable SeccompProfile profile, Path profiles) {
    SecurityProfile.Builder result = SecurityProfile.newBuilder();
    String type = profile == null ? "Unconfined" : profile.getType();
    switch (type) {
      case "RuntimeDefault" -> result.setProfileType(SecurityProfile.ProfileType.RuntimeDefault);
      case "Localhost" ->
          result
              .setProfileType(SecurityProfile.ProfileType.Localhost)
              .setLocalhostRef(
                  profiles
                      .resolve(profile == null ? "" : profile.getLocalhostProfile())
                      .toString());
      default -> result.setProfileType(SecurityProfile.ProfileType.Unconfined);
    }
    return result.build();
  }

  /** A number as CRI wraps it. */
  public static Int64Value number(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }

  private static NamespaceMode nodeOr(@Nullable Boolean node, NamespaceMode otherwise) {
    return Boolean.TRUE.equals(node) ? NamespaceMode.NODE : otherwise;
  }
}
