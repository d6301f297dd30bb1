package dev.coxswain.kubelet.server;

import dev.coxswain.runtime.access.Permission;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a request asks of the node, as upstream names it for authorization.
 *
 * @param subresources of {@code nodes}; any of them suffices
 */
record NodeAccess(String verb, List<String> subresources) {
  private static final String PROXY = "proxy";

  NodeAccess {
    subresources = List.copyOf(subresources);
  }

  static NodeAccess of(String method, String path) {
    String verb =
        switch (method) {
          case "GET", "HEAD" -> "get";
          case "POST" -> "create";
          case "PUT" -> "update";
          case "PATCH" -> "patch";
          case "DELETE" -> "delete";
          default -> method.toLowerCase(Locale.ROOT);
        };
    List<String> subresources =
        switch (path.substring(1).split("/", 2)[0]) {
          case "stats" -> List.of("stats");
          case "metrics" -> List.of("metrics");
          case "logs" -> List.of("log");
          case "checkpoint" -> List.of("checkpoint");
          case "healthz" -> List.of("healthz", PROXY);
          case "configz" -> List.of("configz", PROXY);
          case "pods", "runningpods" -> List.of("pods", PROXY);
          default -> List.of(PROXY);
        };
    return new NodeAccess(verb, subresources);
  }

  /** What may be allowed on the node of this name; any of them suffices. */
  Stream<Permission> permissions(String node) {
    return subresources.stream()
        .map(subresource -> new Permission.OnObject(verb, "nodes", subresource, node));
  }
}
