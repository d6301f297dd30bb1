package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.image.AccountTokens;
import dev.coxswain.kubelet.volume.ServiceAccountTokens;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.Optional;

/** The accounts of this node's pods, as the API has them. */
public record PodAccounts(ClusterObjects objects, ServiceAccountTokens tokens)
    implements AccountTokens {

  @Override
  public Optional<ServiceAccount> account(String namespace, String name) {
    return objects.serviceAccount(namespace, name);
  }

  @Override
  public String token(Pod pod, String audience) throws ConfigException {
    return tokens.issue(pod, audience, Optional.empty()).token();
  }
}
