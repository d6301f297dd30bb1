package dev.coxswain.kubelet.image;

import dev.coxswain.kubelet.env.ConfigException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.Optional;

/** The service accounts of pods, and tokens of theirs. */
public interface AccountTokens {

  /**
   * The account, or empty when there is none.
   *
   * @throws dev.coxswain.api.status.ApiException when it cannot be known
   */
  Optional<ServiceAccount> account(String namespace, String name);

  /**
   * A token of the pod's account, bound to the pod.
   *
   * @throws ConfigException when there is none
   */
  String token(Pod pod, String audience) throws ConfigException;
}
