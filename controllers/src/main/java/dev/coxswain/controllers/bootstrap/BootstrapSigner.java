package dev.coxswain.controllers.bootstrap;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs the kubeconfig in {@code kube-public/cluster-info} by each token that is meant for it, so
 * that who holds a token knows that it talks to the right cluster. A signature is a JWS (RFC 7515)
 * whose content is left out.
 */
public final class BootstrapSigner implements Reconciler<ConfigMap> {
  static final ObjectKey INFO = new ObjectKey("kube-public", "cluster-info");

  private static final String CONTENT = "kubeconfig";
  private static final String SIGNATURE = "jws-kubeconfig-";

  @Override
  public String name() {
    return "bootstrap-signer-controller";
  }

  @Override
  public Watches<ConfigMap> watches() {
    return Watches.of(ConfigMap.class)
        .on(
            Secret.class,
            (change, view) -> BootstrapToken.is(change.latest()) ? List.of(INFO) : List.of());
  }

  @Override
  public Outcome reconcile(ConfigMap wanted, View view, Actions act) {
    if (!Meta.key(wanted).equals(INFO) || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    Map<String, String> data = new TreeMap<>(Meta.map(wanted.getData()));
    data.keySet().removeIf(key -> key.startsWith(SIGNATURE));
    String content = data.getOrDefault(CONTENT, "");
    if (!content.isEmpty()) {
      for (Secret secret : view.in(Secret.class, BootstrapToken.NAMESPACE)) {
        BootstrapToken.of(secret)
            .filter(token -> token.signs() && !Meta.deleting(secret))
            .filter(token -> token.expires().stream().allMatch(end -> end.isAfter(view.now())))
            .ifPresent(token -> data.put(SIGNATURE + token.id(), sign(content, token)));
      }
    }
    if (!data.equals(Meta.map(wanted.getData()))) {
      act.update(new ConfigMapBuilder(wanted).withData(data).build());
    }
    return Outcome.done();
  }

  static String sign(String content, BootstrapToken token) {
    String head = encode("{\"alg\":\"HS256\",\"kid\":\"" + token.id() + "\"}");
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(token.secret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] signed =
          mac.doFinal((head + "." + encode(content)).getBytes(StandardCharsets.US_ASCII));
      return head + ".." + Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has HMAC", impossible);
    }
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
