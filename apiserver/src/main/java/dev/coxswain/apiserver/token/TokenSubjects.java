package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.watch.ObjectView;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Whether what a token speaks for is still there, under the same uid. */
final class TokenSubjects {
  static final GroupResource ACCOUNTS = new GroupResource("", "serviceaccounts");
  static final GroupResource PODS = new GroupResource("", "pods");
  static final GroupResource SECRETS = new GroupResource("", "secrets");
  static final GroupResource NODES = new GroupResource("", "nodes");

  /** A deleted pod's token still serves its last requests, as upstream allows, in seconds. */
  private static final long LEEWAY_SECONDS = 60;

  private final ObjectView view;

  TokenSubjects(ObjectView view) {
    this.view = view;
  }

  ObjectView view() {
    return view;
  }

  /**
   * Checks all that the claims name.
   *
   * @throws ApiException with {@code Unauthorized}, saying what is gone
   */
  void check(TokenClaims claims, Instant now) {
    String namespace = claims.namespace();
    check(ACCOUNTS, new ObjectKey(namespace, claims.account().name()), claims.account(), now);
    if (claims.pod() != null) {
      check(PODS, new ObjectKey(namespace, claims.pod().name()), claims.pod(), now);
    } else if (claims.node() != null) {
      check(NODES, ObjectKey.cluster(claims.node().name()), claims.node(), now);
    }
    if (claims.secret() != null) {
      check(SECRETS, new ObjectKey(namespace, claims.secret().name()), claims.secret(), now);
    }
  }

  private void check(
      GroupResource resource, ObjectKey key, TokenClaims.Reference reference, Instant now) {
    Optional<ObjectNode> found = view.find(resource, key);
    if (found.isEmpty() || !Json.text(found.get(), "metadata", "uid").equals(reference.uid())) {
      throw new ApiException(
          StatusReason.UNAUTHORIZED, "the token's " + resource + " \"" + key + "\" is gone");
    }
    @Nullable Instant deleted = deletion(found.get());
    if (deleted != null && now.isAfter(deleted.plusSeconds(LEEWAY_SECONDS))) {
      throw new ApiException(
          StatusReason.UNAUTHORIZED, "the token's " + resource + " \"" + key + "\" is deleted");
    }
  }

  private static @Nullable Instant deletion(ObjectNode object) {
    String timestamp = Json.text(object, "metadata", "deletionTimestamp");
    return timestamp.isEmpty() ? null : Instant.parse(timestamp);
  }
}
