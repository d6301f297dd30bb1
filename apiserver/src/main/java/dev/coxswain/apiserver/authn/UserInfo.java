package dev.coxswain.apiserver.authn;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An authenticated user, as authorization, admission and {@code SelfSubjectReview} see it.
 *
 * @param name the user name, such as {@code system:node:n1}
 * @param uid a stable identifier; empty where the authenticator has none
 * @param groups the groups; {@code system:authenticated} is added by the request path
 * @param extra further facts, such as {@code authentication.kubernetes.io/pod-name}
 */
public record UserInfo(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {

  /** The group that may do everything. */
  public static final String MASTERS = "system:masters";

  /** The group of every user that proved who it is. */
  public static final String AUTHENTICATED = "system:authenticated";

  /** The group of a request that carried no credentials. */
  public static final String UNAUTHENTICATED = "system:unauthenticated";

  /** A request that carried no credentials. */
  public static final UserInfo ANONYMOUS =
      new UserInfo("system:anonymous", "", List.of(UNAUTHENTICATED), Map.of());

  /** The API server itself, for what it does on its own account. */
  public static final UserInfo API_SERVER =
      new UserInfo("system:apiserver", "", List.of(MASTERS, AUTHENTICATED), Map.of());

  public UserInfo {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  /** A user with no uid and nothing extra. */
  public static UserInfo of(String name, List<String> groups) {
    return new UserInfo(name, "", groups, Map.of());
  }

  /** Whether the user is in the group. */
  public boolean in(String group) {
    return groups.contains(group);
  }

  /** The same user, in one more group. */
  public UserInfo with(String group) {
    if (in(group)) {
      return this;
    }
    return new UserInfo(
        name, uid, Stream.concat(groups.stream(), Stream.of(group)).toList(), extra);
  }
}
