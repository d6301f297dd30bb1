package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is allowed in a pod but rarely meant. */
public final class PodWarnings {
  private PodWarnings() {}

  /** The warnings about a specification at a path. */
  public static List<String> of(JsonNode spec, String path) {
    List<String> warnings = new ArrayList<>();
    int index = 0;
    for (JsonNode container : spec.path("containers")) {
      String at = path + ".containers[" + index++ + "]";
      duplicateNames(container.path("env"), at + ".env", warnings);
      duplicatePorts(container.path("ports"), at + ".ports", warnings);
    }
    if (spec.path("terminationGracePeriodSeconds").asLong(0) < 0) {
      warnings.add(
          path
              + ".terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will"
              + " be treated as 1");
    }
    return warnings;
  }

  private static void duplicateNames(JsonNode list, String path, List<String> warnings) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode element : list) {
      String name = Json.text(element, "name");
      if (!seen.add(name)) {
        warnings.add(
            path
                + "["
                + index
                + "]: hides previous definition of \""
                + name
                + "\", which may be"
                + " dropped when using apply");
      }
      index++;
    }
  }

  private static void duplicatePorts(JsonNode list, String path, List<String> warnings) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode port : list) {
      String key = port.path("containerPort") + "/" + Json.text(port, "protocol");
      if (!seen.add(key)) {
        warnings.add(path + "[" + index + "]: duplicate port definition with an earlier port");
      }
      index++;
    }
  }
}
