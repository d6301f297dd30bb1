package dev.coxswain.kubelet.admission;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Whether the groups that an image names may be kept from a pod's processes. */
final class SupplementalGroups {
  private SupplementalGroups() {}

  /**
   * A pod that wants no groups but its own is refused where it would get others unseen.
   *
   * @param strict whether the runtime can leave the image's groups out; asked only where it matters
   */
  static Optional<Refusal> refusal(Pod pod, BooleanSupplier strict) {
    @Nullable PodSecurityContext security = pod.getSpec().getSecurityContext();
    return security != null
            && "Strict".equals(security.getSupplementalGroupsPolicy())
            && !strict.getAsBoolean()
        ? Optional.of(
            new Refusal(
                "SupplementalGroupsPolicyNotSupported",
                "SupplementalGroupsPolicy=Strict is not supported in this node"))
        : Optional.empty();
  }
}
