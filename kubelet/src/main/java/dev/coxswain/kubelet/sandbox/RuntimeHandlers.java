package dev.coxswain.kubelet.sandbox;

import dev.coxswain.kubelet.env.ConfigException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which of the runtime's handlers a pod asks for by its {@code runtimeClassName}. */
public final class RuntimeHandlers {
  private final Function<String, Optional<RuntimeClass>> classes;

  /** Looks classes up by name. */
  public RuntimeHandlers(Function<String, Optional<RuntimeClass>> classes) {
    this.classes = classes;
  }

  /**
   * The handler; empty for the runtime's default.
   *
   * @throws ConfigException for a class that there is not, or users of its own, which no pod here
   *     can have: to run it as the host's would be less than it asked for
   */
  public String of(Pod pod) throws ConfigException {
    String handler = named(pod.getSpec().getRuntimeClassName());
    if (Boolean.FALSE.equals(pod.getSpec().getHostUsers())) {
      throw new ConfigException(
          "can't set `spec.hostUsers: false`, RuntimeClass handler \""
              + handler
              + "\" does not support user namespaces");
    }
    return handler;
  }

  private String named(@Nullable String name) throws ConfigException {
    if (name == null || name.isEmpty()) {
      return "";
    }
    return classes
        .apply(name)
        .map(RuntimeClass::getHandler)
        .orElseThrow(() ->
            new ConfigException(
                "failed to get sandbox runtime: runtimeclass.node.k8s.io \""
                    + name
                    + "\" not found"));
  }
}
