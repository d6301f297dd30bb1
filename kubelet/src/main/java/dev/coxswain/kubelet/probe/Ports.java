package dev.coxswain.kubelet.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ports given by number or by a container port's name. */
public final class Ports {
  private Ports() {}

  /** The number; empty for a name that the container does not have. */
  public static Optional<Integer> number(@Nullable IntOrString port, Container container) {
    if (port == null) {
      return Optional.empty();
    }
    if (port.getIntVal() != null) {
      return Optional.of(port.getIntVal());
    }
    String name = port.getStrVal();
    for (ContainerPort one : container.getPorts()) {
      if (name.equals(one.getName())) {
        return Optional.of(one.getContainerPort());
      }
    }
    return name.chars().allMatch(Character::isDigit) && !name.isEmpty() && name.length() <= 5
        ? Optional.of(Integer.valueOf(name))
        : Optional.empty();
  }
}
