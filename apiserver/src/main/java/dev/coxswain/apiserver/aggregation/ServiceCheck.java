package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.Slices;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.WatchCache;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Whether an aggregated version can be served: its Service, its slices, and what they answer. */
final class ServiceCheck {
  private static final GroupResource SERVICES = new GroupResource("", "services");

  private static final UserInfo CHECKER =
      UserInfo.of("system:kube-aggregator", List.of(UserInfo.MASTERS));

  private final WatchCache cache;
  private final BackendReader reader;

  ServiceCheck(WatchCache cache, BackendReader reader) {
    this.cache = cache;
    this.reader = reader;
  }

  /**
   * What was found.
   *
   * @param condition what the APIService says of it
   * @param resources the APIResourceList that was answered; null where there was none
   */
  record Finding(Condition condition, @Nullable ObjectNode resources) {
    boolean passed() {
      return condition.status().equals("True");
    }
  }

  private static Condition unavailable(String reason, String message) {
    return new Condition(Aggregated.AVAILABLE, "False", reason, message);
  }

  /** What the objects say is missing; empty where it is worth asking. */
  Optional<Condition> missing(Aggregated wanted) {
    String name = "service/" + wanted.serviceName() + " in \"" + wanted.serviceNamespace() + "\"";
    ObjectKey key = new ObjectKey(wanted.serviceNamespace(), wanted.serviceName());
    Optional<ObjectNode> service = cache.find(SERVICES, key);
    if (service.isEmpty()) {
      return Optional.of(unavailable("ServiceNotFound", name + " is not present"));
    }
    if (!Json.text(service.get(), "spec", "type").equals("ClusterIP")) {
      return Optional.empty();
    }
    String port = portName(service.get(), wanted.servicePort());
    if (port == null) {
      return Optional.of(
          unavailable(
              "ServicePortError", name + " is not listening on port " + wanted.servicePort()));
    }
    List<CachedObject> slices =
        cache
            .cached(Slices.RESOURCE, Slices.of(wanted.serviceNamespace(), wanted.serviceName()))
            .objects();
    if (slices.isEmpty()) {
      return Optional.of(
          unavailable("EndpointsNotFound", "cannot find endpointslices for " + name));
    }
    if (slices.stream().anyMatch(slice -> !Slices.ready(slice.parse(), port).isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        unavailable(
            "MissingEndpoints",
            "endpointslices for " + name + " have no addresses with port name \"" + port + "\""));
  }

  private static @Nullable String portName(ObjectNode service, int number) {
    for (JsonNode port : Json.at(service, "spec", "ports")) {
      if (port.path("port").asInt() == number) {
        return Json.text(port, "name");
      }
    }
    return null;
  }

  /** Asks the server what it serves. */
  Finding ask(Aggregated wanted) throws InterruptedException {
    String url = "https://" + wanted.host() + ":" + wanted.servicePort() + wanted.path();
    try (Caller.Reply reply = reader.get(wanted, wanted.path(), CHECKER)) {
      if (reply.status() < 200 || reply.status() > 299) {
        return failed(url, "bad status from " + url + ": " + reply.status());
      }
      return new Finding(
          new Condition(Aggregated.AVAILABLE, "True", "Passed", "all checks passed"),
          Json.parseObject(reply.body()));
    } catch (IOException e) {
      return failed(url, "Get \"" + url + "\": " + e.getMessage());
    } catch (ApiException | JacksonException | IllegalArgumentException e) {
      return failed(url, String.valueOf(e.getMessage()));
    }
  }

  private static Finding failed(String url, String why) {
    return new Finding(
        unavailable("FailedDiscoveryCheck", "failing or missing response from " + url + ": " + why),
        null);
  }
}
