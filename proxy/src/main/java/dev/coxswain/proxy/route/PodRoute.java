package dev.coxswain.proxy.route;

import dev.coxswain.proxy.service.Ipv4;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the pods of a node are.
 *
 * @param pods the node's pod range
 * @param via the node's own address
 */
public record PodRoute(String pods, String via) {

  /** The route to a node's pods, once it has a range and an address. */
  public static Optional<PodRoute> to(Node node) {
    @Nullable String pods = node.getSpec() == null ? null : node.getSpec().getPodCIDR();
    if (!Ipv4.isRange(pods) || pods == null || node.getStatus() == null) {
      return Optional.empty();
    }
    return Stream.ofNullable(node.getStatus().getAddresses())
        .flatMap(java.util.List::stream)
        .filter(address -> "InternalIP".equals(address.getType()))
        .map(address -> address.getAddress())
        .filter(Ipv4::isAddress)
        .findFirst()
        .map(via -> new PodRoute(pods, via));
  }
}
