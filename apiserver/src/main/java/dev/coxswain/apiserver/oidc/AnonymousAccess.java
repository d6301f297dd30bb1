package dev.coxswain.apiserver.oidc;

import java.util.Set;

/**
 * Who may come without credentials.
 *
 * @param enabled whether anybody may
 * @param paths to where; everywhere if there are none
 */
record AnonymousAccess(boolean enabled, Set<String> paths) {

  boolean allows(String path) {
    return enabled && (paths.isEmpty() || paths.contains(path));
  }
}
