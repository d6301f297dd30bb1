package dev.coxswain.controllers.serviceaccount;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills Secrets of the type {@code kubernetes.io/service-account-token} with a token that does not
 * expire, and deletes them with their account.
 */
public final class TokenSecretController implements Reconciler<Secret> {
  private static final String TYPE = "kubernetes.io/service-account-token";
  private static final String ACCOUNT = "kubernetes.io/service-account.name";
  private static final String ACCOUNT_UID = "kubernetes.io/service-account.uid";
  private static final String CLAIM = "kubernetes.io/serviceaccount/";

  private final TokenSigner signer;
  private final String authority;

  /**
   * Fills with tokens that this signer signs.
   *
   * @param authority the cluster's authority, as PEM; may be empty
   */
  public TokenSecretController(TokenSigner signer, String authority) {
    this.signer = signer;
    this.authority = authority;
  }

  @Override
  public String name() {
    return "serviceaccount-token-controller";
  }

  @Override
  public Watches<Secret> watches() {
    return Watches.of(Secret.class)
        .on(
            ServiceAccount.class,
            (change, view) ->
                view.in(Secret.class, Meta.namespace(change.latest())).stream()
                    .filter(secret -> account(secret).equals(Meta.name(change.latest())))
                    .map(Meta::key)
                    .toList());
  }

  private static String account(Secret secret) {
    return TYPE.equals(secret.getType()) ? Meta.annotations(secret).getOrDefault(ACCOUNT, "") : "";
  }

  @Override
  public Outcome reconcile(Secret wanted, View view, Actions act) {
    String name = account(wanted);
    if (name.isEmpty() || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    ObjectKey key = new ObjectKey(Meta.namespace(wanted), name);
    Optional<ServiceAccount> account = view.find(ServiceAccount.class, key);
    if (account.isEmpty()) {
      // The cache may not have seen the account yet.
      account = act.live(ServiceAccount.class, key);
    }
    String uid = Meta.annotations(wanted).getOrDefault(ACCOUNT_UID, "");
    if (account.isEmpty() || !(uid.isEmpty() || uid.equals(Meta.uid(account.get())))) {
      act.delete(wanted);
      return Outcome.done();
    }
    Map<String, String> data = new TreeMap<>(Meta.map(wanted.getData()));
    data.put("namespace", encode(key.namespace()));
    if (!authority.isEmpty()) {
      data.put("ca.crt", encode(authority));
    }
    if (!data.containsKey("token")) {
      data.put("token", encode(signer.sign(claims(wanted, account.get()))));
    }
    if (uid.isEmpty() || !data.equals(Meta.map(wanted.getData()))) {
      act.update(
          new SecretBuilder(wanted)
              .editMetadata()
              .addToAnnotations(ACCOUNT_UID, Meta.uid(account.get()))
              .endMetadata()
              .withData(data)
              .build());
    }
    return Outcome.done();
  }

  private static ObjectNode claims(Secret secret, ServiceAccount account) {
    String namespace = Meta.namespace(account);
    return Json.object()
        .put("iss", "kubernetes/serviceaccount")
        .put(CLAIM + "namespace", namespace)
        .put(CLAIM + "secret.name", Meta.name(secret))
        .put(CLAIM + "service-account.name", Meta.name(account))
        .put(CLAIM + "service-account.uid", Meta.uid(account))
        .put("sub", "system:serviceaccount:" + namespace + ":" + Meta.name(account));
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
