package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Query;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The options of a connection as the object that admission sees, such as PodExecOptions. */
final class ConnectOptions {
  private ConnectOptions() {}

  static ObjectNode of(Subresource.Connect connect, ApiRequest request) {
    ObjectNode options = Json.object();
    options.put("kind", connect.kind().kind()).put("apiVersion", connect.kind().apiVersion());
    for (String parameter : connect.parameters()) {
      List<String> values = request.query().all(parameter);
      if (!values.isEmpty()) {
        put(options, parameter, values);
      }
    }
    if (!request.info().rest().isEmpty()) {
      options.put("path", request.info().rest());
    }
    return options;
  }

  private static void put(ObjectNode options, String parameter, List<String> values) {
    switch (parameter) {
      case "stdin", "stdout", "stderr", "tty" ->
          options.put(parameter, Query.saysYes(values.getFirst()));
      case "command" -> values.forEach(options.putArray(parameter)::add);
      case "ports" -> {
        ArrayNode ports = options.putArray(parameter);
        values.stream()
            .flatMap(value -> List.of(value.split(",", -1)).stream())
            .filter(value -> value.matches("[0-9]{1,5}"))
            .map(Integer::valueOf)
            .forEach(ports::add);
      }
      default -> options.put(parameter, values.getFirst());
    }
  }
}
