package dev.coxswain.apiserver.connect;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.ByteProtocol;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.verbs.ConnectHandler;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.CachedObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code pods/log}, {@code exec}, {@code attach} and {@code portforward}: the pod's kubelet. */
public final class PodConnect implements ConnectHandler {
  private static final GroupResource PODS = new GroupResource("", "pods");

  /** The kubelet's names for the streams that a client asks for by the API's names. */
  private static final Map<String, String> STREAMS =
      Map.of("stdin", "input", "stdout", "output", "stderr", "error");

  private final ObjectReader reader;
  private final NodeTargets nodes;
  private final BackendClient client;

  /** Connects through these. */
  public PodConnect(ObjectReader reader, NodeTargets nodes, BackendClient client) {
    this.reader = reader;
    this.nodes = nodes;
    this.client = client;
  }

  @Override
  public void connect(ApiRequest request, ObjectKey key) throws InterruptedException {
    ObjectNode pod =
        reader
            .find(PODS, key)
            .map(CachedObject::parse)
            .orElseThrow(() -> Failures.notFound(PODS, key.name()));
    String what = request.info().subresource();
    boolean log = what.equals("log");
    String container =
        what.equals("portforward") ? "" : container(pod, request.query().text("container"));
    String node = Json.text(pod, "spec", "nodeName");
    if (node.isEmpty()) {
      if (log) {
        // A pod that runs nowhere has said nothing yet.
        request.exchange().answer(Answer.text(200, ""));
        return;
      }
      throw Failures.badRequest("pod " + key.name() + " does not have a host assigned");
    }
    Target target = nodes.kubelet(node, uri(what, key, container, request.query()));
    if (log) {
      Passing passing = new Passing.Checked(PODS, key.name(), messages(request));
      Forward.send(client, target, request, passing);
      return;
    }
    if (!request.http().wantsUpgrade()) {
      throw Failures.badRequest("Upgrade request required");
    }
    if (!request.exchange().upgradable()) {
      throw Failures.badRequest("this needs a connection that can be upgraded: use HTTP/1.1");
    }
    Tunnel.open(client, target, request, new Passing.AsIs());
  }

  /** As what messages a client of WebSocket reads a log; null for any other client. */
  private static @Nullable ByteProtocol messages(ApiRequest request) {
    return request.exchange().wantsMessages()
        ? ByteProtocol.of(request.http())
            .orElseThrow(() ->
                new ApiException(
                    StatusReason.FORBIDDEN,
                    "requested protocol(s) are not supported: "
                        + request.http().headers("Sec-WebSocket-Protocol")))
        : null;
  }

  private static String uri(String what, ObjectKey key, String container, Query query) {
    String path =
        switch (what) {
          case "log" -> "containerLogs";
          case "portforward" -> "portForward";
          default -> what;
        };
    StringBuilder uri = new StringBuilder("/").append(path);
    uri.append('/').append(key.namespace()).append('/').append(key.name());
    if (!container.isEmpty()) {
      uri.append('/').append(container);
    }
    char separator = '?';
    for (Map.Entry<String, List<String>> parameter : query.parameters().entrySet()) {
      String name = STREAMS.getOrDefault(parameter.getKey(), parameter.getKey());
      boolean kept = !parameter.getKey().equals("container");
      for (String value : kept ? parameter.getValue() : List.<String>of()) {
        String sent = STREAMS.containsKey(parameter.getKey()) ? flag(value) : value;
        uri.append(separator).append(encode(name)).append('=').append(encode(sent));
        separator = '&';
      }
    }
    return uri.toString();
  }

  private static String flag(String value) {
    return Query.saysYes(value) ? "1" : "0";
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The container that is meant: the one that is named, or the only one. */
  private static String container(ObjectNode pod, String wanted) {
    List<String> containers = names(pod, "containers");
    List<String> others = new ArrayList<>(names(pod, "initContainers"));
    others.addAll(names(pod, "ephemeralContainers"));
    String name = Json.text(pod, "metadata", "name");
    if (!wanted.isEmpty()) {
      if (!containers.contains(wanted) && !others.contains(wanted)) {
        throw Failures.badRequest("container " + wanted + " is not valid for pod " + name);
      }
      return wanted;
    }
    if (containers.size() == 1) {
      return containers.getFirst();
    }
    String preferred =
        Json.text(pod, "metadata", "annotations", "kubectl.kubernetes.io/default-container");
    if (containers.contains(preferred)) {
      return preferred;
    }
    throw Failures.badRequest(
        "a container name must be specified for pod "
            + name
            + ", choose one of: ["
            + String.join(" ", containers)
            + "]"
            + (others.isEmpty()
                ? ""
                : " or one of the init containers: [" + String.join(" ", others) + "]"));
  }

  private static List<String> names(ObjectNode pod, String field) {
    List<String> names = new ArrayList<>();
    for (JsonNode container : Json.at(pod, "spec", field)) {
      names.add(Json.text(container, "name"));
    }
    return names;
  }
}
