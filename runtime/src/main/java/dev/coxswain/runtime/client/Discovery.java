package dev.coxswain.runtime.client;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Reads the discovery documents of an API server: {@code /api}, {@code /apis} and below. */
final class Discovery {
  private Discovery() {}

  /**
   * Reads all of them.
   *
   * @param get the document at a path; what it throws is thrown on, but for single group versions
   */
  static Discovered read(Function<String, JsonNode> get) {
    var failures = new TreeMap<String, String>();
    var served = new ArrayList<ServedResource>(resources(get.apply("/api/v1"), "v1"));
    for (JsonNode group : get.apply("/apis").path("groups")) {
      var seen = new HashSet<GroupResource>();
      String preferred = Json.text(group, "preferredVersion", "groupVersion");
      var versions = new ArrayList<String>();
      versions.add(preferred);
      for (JsonNode version : group.path("versions")) {
        if (!Json.text(version, "groupVersion").equals(preferred)) {
          versions.add(Json.text(version, "groupVersion"));
        }
      }
      for (String version : versions) {
        try {
          for (ServedResource resource : resources(get.apply("/apis/" + version), version)) {
            if (seen.add(resource.resource())) {
              served.add(resource);
            }
          }
        } catch (ApiException e) {
          failures.put(version, String.valueOf(e.getMessage()));
        }
      }
    }
    return new Discovered(served, failures);
  }

  private static List<ServedResource> resources(JsonNode list, String apiVersion) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    var resources = new ArrayList<ServedResource>();
    for (JsonNode resource : list.path("resources")) {
      String plural = Json.text(resource, "name");
      if (plural.indexOf('/') < 0) {
        var verbs = new HashSet<String>();
        resource.path("verbs").forEach(verb -> verbs.add(verb.asString()));
        resources.add(
            new ServedResource(
                apiVersion,
                Json.text(resource, "kind"),
                new GroupResource(group, plural),
                Json.flag(resource, "namespaced"),
                verbs));
      }
    }
    return resources;
  }
}
