package dev.coxswain.apiserver.verbs;

import dev.coxswain.apiserver.authn.UserInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What accompanies a write.
 *
 * @param user who asks
 * @param dryRun whether everything happens but the storing
 * @param fieldManager who is said to own what is written; may be empty
 * @param options the options object that was sent; null where there was none
 * @param warnings what the client is told beside the answer; added to on the way
 */
public record WriteContext(
    UserInfo user,
    boolean dryRun,
    String fieldManager,
    @Nullable ObjectNode options,
    List<String> warnings) {

  /** For what the API server writes on its own account. */
  public static WriteContext internal() {
    return new WriteContext(UserInfo.API_SERVER, false, "kube-apiserver", null, new ArrayList<>());
  }
}
