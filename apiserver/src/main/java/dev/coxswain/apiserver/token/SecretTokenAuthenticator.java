package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.watch.ObjectView;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tokens that stand in a Secret of the type {@code kubernetes.io/service-account-token}: they do
 * not expire, and are good as long as their Secret and their account are there.
 */
final class SecretTokenAuthenticator implements Authenticator {
  /** The issuer that such tokens name, whatever the server's own is. */
  private static final String ISSUER = "kubernetes/serviceaccount";

  /** What each claim's name begins with. */
  private static final String CLAIM = "kubernetes.io/serviceaccount/";

  private final TokenCodec codec;
  private final ObjectView view;

  SecretTokenAuthenticator(TokenCodec codec, ObjectView view) {
    this.codec = codec;
    this.view = view;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    String token = credentials.bearerToken();
    if (token == null || !TokenCodec.names(token, ISSUER)) {
      return Optional.empty();
    }
    JsonNode claims = codec.payload(token);
    String namespace = Json.text(claims, CLAIM + "namespace");
    String name = Json.text(claims, CLAIM + "service-account.name");
    String uid = Json.text(claims, CLAIM + "service-account.uid");
    String user = ServiceAccountNames.user(namespace, name);
    if (!Json.text(claims, "sub").equals(user)) {
      throw refused("the token's subject is not its account");
    }
    ObjectNode secret = live(TokenSubjects.SECRETS, new ObjectKey(namespace, secretName(claims)));
    boolean same = MessageDigest.isEqual(stored(secret), token.getBytes(StandardCharsets.UTF_8));
    if (!same) {
      throw refused("the token is not the one of its secret any more");
    }
    ObjectNode account = live(TokenSubjects.ACCOUNTS, new ObjectKey(namespace, name));
    if (!Json.text(account, "metadata", "uid").equals(uid)) {
      throw refused("the token's service account is gone");
    }
    return Optional.of(new UserInfo(user, uid, ServiceAccountNames.groups(namespace), Map.of()));
  }

  private static String secretName(JsonNode claims) {
    return Json.text(claims, CLAIM + "secret.name");
  }

  private static byte[] stored(ObjectNode secret) {
    try {
      return Base64.getDecoder().decode(Json.text(secret, "data", "token"));
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private ObjectNode live(GroupResource resource, ObjectKey key) {
    return view.find(resource, key)
        .filter(found -> Json.text(found, "metadata", "deletionTimestamp").isEmpty())
        .orElseThrow(() -> refused("the token's " + resource + " \"" + key + "\" is gone"));
  }

  private static ApiException refused(String why) {
    return new ApiException(StatusReason.UNAUTHORIZED, why);
  }
}
