package dev.coxswain.kubelet.server;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/**
 * How each endpoint may be called, as upstream's. Who may only get something of a node must not run
 * commands by it.
 */
final class Methods {
  private static final Set<HttpMethod> GET = Set.of(HttpMethod.GET);
  private static final Set<HttpMethod> POST = Set.of(HttpMethod.POST);
  private static final Set<HttpMethod> STREAMS = Set.of(HttpMethod.GET, HttpMethod.POST);

  private Methods() {}

  /** Whether the endpoint, a path's first part, knows the method. */
  static boolean known(String endpoint, HttpMethod method) {
    return switch (endpoint) {
      case "run" -> POST.contains(method);
      case "exec", "attach", "portForward" -> STREAMS.contains(method);
      case "pods", "runningpods", "stats", "containerLogs" -> GET.contains(method);
      default -> true;
    };
  }
}
