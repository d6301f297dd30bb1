package dev.coxswain.apiserver.connect;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.verbs.ConnectHandler;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** {@code …/proxy/…}: hands a request on to a pod, one of a Service's pods, or a node. */
public final class ProxyConnect implements ConnectHandler {
  private final Destination destination;
  private final BackendClient client;

  /** Finds the other side. */
  interface Destination {
    /** Where the requests of a name go; the URI is the one to ask for. */
    Target find(ObjectKey key, String uri) throws InterruptedException;
  }

  /** Hands requests on to what the destination says. */
  ProxyConnect(Destination destination, BackendClient client) {
    this.destination = destination;
    this.client = client;
  }

  @Override
  public void connect(ApiRequest request, ObjectKey key) throws InterruptedException {
    ProxyPath path = ProxyPath.of(request);
    Target target = destination.find(key, path.uri(request.http().query()));
    boolean upgrade = request.http().wantsUpgrade() && request.exchange().upgradable();
    if (!upgrade && path.path().isEmpty() && reads(request.http().method())) {
      // Relative links of a page would lead beside it.
      String query = request.http().query();
      request
          .exchange()
          .answer(
              new Answer(
                  301,
                  "",
                  Map.of(
                      "Location",
                      List.of(path.prefix() + "/" + (query.isEmpty() ? "" : "?" + query))),
                  List.of()));
      return;
    }
    Links links =
        new Links(
            path.prefix(), target.host() + ":" + target.port(), request.http().header("Host"));
    Passing passing = new Passing.Linked(links);
    try {
      if (upgrade) {
        Tunnel.open(client, target, request, passing);
      } else {
        Forward.send(client, target, request, passing);
      }
    } catch (ApiException e) {
      throw new ApiException(
          StatusReason.SERVICE_UNAVAILABLE, "error trying to reach service: " + e.getMessage());
    }
  }

  private static boolean reads(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  /**
   * Refuses addresses that would lead to this server's own machine, or to nowhere.
   *
   * @return the address
   */
  static String proxyable(String address) {
    try {
      InetAddress parsed = InetAddress.ofLiteral(address);
      if (!parsed.isLoopbackAddress()
          && !parsed.isLinkLocalAddress()
          && !parsed.isMulticastAddress()
          && !parsed.isAnyLocalAddress()) {
        return address;
      }
    } catch (IllegalArgumentException notOne) {
      // Said below.
    }
    throw Failures.badRequest("address not allowed");
  }
}
