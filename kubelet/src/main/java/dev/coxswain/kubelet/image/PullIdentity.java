package dev.coxswain.kubelet.image;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.env.ConfigException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As whom a pod's images are pulled, where a program wants to know.
 *
 * @param holder who may use the answer again
 * @param token of the account; empty for none
 */
record PullIdentity(Holder holder, String token) {
  private static final Logger LOG = LoggerFactory.getLogger(PullIdentity.class);

  private static final PullIdentity NOBODY =
      new PullIdentity(new Holder("", "", "", Map.of(), ""), "");

  /**
   * A service account, or one token of it.
   *
   * @param annotations those that the program is told
   * @param token where an answer is for this one alone; else empty
   */
  record Holder(
      String namespace, String account, String uid, Map<String, String> annotations, String token) {
    @Override
    public String toString() {
      return namespace + "/" + account;
    }
  }

  @Override
  public String toString() {
    return holder.toString();
  }

  /** The pod's; empty where the program is to be left alone. */
  static Optional<PullIdentity> of(
      Pod pod, CredentialProvider.@Nullable Token wanted, AccountTokens accounts) {
    String name = Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "");
    if (wanted == null) {
      return Optional.of(NOBODY);
    }
    if (name.isEmpty()) {
      return wanted.required() ? Optional.empty() : Optional.of(NOBODY);
    }
    String namespace = pod.getMetadata().getNamespace();
    try {
      Optional<ServiceAccount> account = accounts.account(namespace, name);
      if (account.isEmpty()) {
        LOG.error("Failed to get service account {}/{}: it is not there", namespace, name);
        return Optional.empty();
      }
      Map<String, String> annotations =
          Objects.requireNonNullElse(account.get().getMetadata().getAnnotations(), Map.of());
      if (!annotations.keySet().containsAll(wanted.requiredAnnotations())) {
        // So accounts say that their images need the program at all.
        return Optional.empty();
      }
      Map<String, String> told = new TreeMap<>(annotations);
      told.keySet()
          .removeIf(key ->
              !wanted.requiredAnnotations().contains(key)
                  && !wanted.optionalAnnotations().contains(key));
      String token = accounts.token(pod, wanted.audience());
      return Optional.of(
          new PullIdentity(
              new Holder(
                  namespace,
                  name,
                  account.get().getMetadata().getUid(),
                  told,
                  wanted.perToken() ? token : ""),
              token));
    } catch (ApiException | ConfigException failure) {
      LOG.error(
          "Failed to get service account {}/{} or its token: {}",
          namespace,
          name,
          failure.getMessage());
      return Optional.empty();
    }
  }
}
