package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.cgroup.HugePages;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Directories whose files lie in huge pages, of a size that the pod asks for. */
final class HugePageVolumes {
  /** Whatever size the pod has asked for. */
  private static final String ANY = "HugePages";

  private static final String SIZED = ANY + "-";

  private HugePageVolumes() {}

  /** Whether a directory of this medium is one. */
  static boolean is(String medium) {
    return medium.equals(ANY) || medium.startsWith(SIZED);
  }

  /**
   * How it is mounted.
   *
   * @throws IOException in upstream's words, when the pod does not ask for such pages
   */
  static String options(String medium, Pod pod) throws IOException {
    Set<BigDecimal> asked =
        Stream.concat(
                Stream.ofNullable(pod.getSpec().getResources()),
                Stream.concat(
                        pod.getSpec().getContainers().stream(),
                        pod.getSpec().getInitContainers().stream())
                    .map(container -> container.getResources()))
            .flatMap(HugePageVolumes::sizes)
            .collect(Collectors.toCollection(TreeSet::new));
    Optional<BigDecimal> wanted = Optional.empty();
    if (!medium.equals(ANY)) {
      BigDecimal size = size(medium.substring(SIZED.length()));
      wanted = asked.contains(size) ? Optional.of(size) : Optional.empty();
    } else if (asked.size() > 1) {
      throw new IOException(
          "medium: " + medium + " can't be used if container requests multiple huge page sizes");
    } else {
      wanted = asked.stream().findFirst();
    }
    return "pagesize="
        + wanted
            .orElseThrow(() ->
                new IOException(
                    "medium "
                        + medium
                        + ": hugePages storage requested, but there is no resource request for"
                        + " huge pages"))
            .toBigInteger();
  }

  /** Requests and limits of huge pages are the same. */
  private static Stream<BigDecimal> sizes(@Nullable ResourceRequirements resources) {
    return resources == null || resources.getRequests() == null
        ? Stream.empty()
        : resources.getRequests().keySet().stream()
            .filter(resource -> resource.startsWith(HugePages.PREFIX))
            .map(resource ->
                Quantity.getAmountInBytes(
                        Quantity.parse(resource.substring(HugePages.PREFIX.length())))
                    .stripTrailingZeros());
  }

  private static BigDecimal size(String text) throws IOException {
    try {
      return Quantity.getAmountInBytes(Quantity.parse(text)).stripTrailingZeros();
    } catch (IllegalArgumentException | ArithmeticException malformed) {
      throw new IOException("\"" + text + "\" is not the size of a page", malformed);
    }
  }
}
