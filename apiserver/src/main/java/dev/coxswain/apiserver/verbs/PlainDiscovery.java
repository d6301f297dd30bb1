package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.request.Failures;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Discovery in its oldest form: a document for each group and version. */
public final class PlainDiscovery implements Endpoint {
  private final ResourceRegistry registry;

  /** Tells what this registry serves. */
  public PlainDiscovery(ResourceRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    String[] parts = request.info().path().substring(1).split("/", -1);
    ObjectNode answer =
        switch (parts.length) {
          case 1 -> parts[0].equals("api") ? versions() : groups();
          case 2 -> parts[0].equals("api") ? resources("", parts[1]) : group(parts[1]);
          case 3 -> resources(parts[1], parts[2]);
          default -> throw Failures.noSuchPath();
        };
    request.exchange().answer(Answer.json(200, Json.bytes(answer)));
  }

  private static ObjectNode versions() {
    ObjectNode answer = Json.object().put("kind", "APIVersions");
    answer.putArray("versions").add("v1");
    answer.putArray("serverAddressByClientCIDRs");
    return answer;
  }

  private Map<String, Set<String>> grouped() {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (ResourceType type : registry.all()) {
      if (!type.kind().group().isEmpty()) {
        groups
            .computeIfAbsent(type.kind().group(), g -> new LinkedHashSet<>())
            .add(type.kind().version());
      }
    }
    return groups;
  }

  private ObjectNode groups() {
    ObjectNode answer = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
    ArrayNode list = answer.putArray("groups");
    grouped().forEach((name, versions) -> describe(list.addObject(), name, versions));
    return answer;
  }

  private ObjectNode group(String name) {
    Set<String> versions = grouped().get(name);
    if (versions == null) {
      throw Failures.noSuchPath();
    }
    ObjectNode answer = Json.object().put("kind", "APIGroup").put("apiVersion", "v1");
    describe(answer, name, versions);
    return answer;
  }

  private static void describe(ObjectNode target, String name, Set<String> versions) {
    target.put("name", name);
    ArrayNode list = target.putArray("versions");
    for (String version : versions) {
      list.addObject().put("groupVersion", name + "/" + version).put("version", version);
    }
    String preferred = versions.iterator().next();
    target
        .putObject("preferredVersion")
        .put("groupVersion", name + "/" + preferred)
        .put("version", preferred);
  }

  private ObjectNode resources(String group, String version) {
    ObjectNode answer = Json.object().put("kind", "APIResourceList").put("apiVersion", "v1");
    answer.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    ArrayNode list = answer.putArray("resources");
    for (ResourceType type : registry.all()) {
      if (type.kind().group().equals(group) && type.kind().version().equals(version)) {
        ObjectNode entry = list.addObject();
        entry.put("name", type.plural()).put("singularName", type.singular());
        entry.put("namespaced", type.namespaced()).put("kind", type.kind().kind());
        ArrayNode verbs = entry.putArray("verbs");
        type.verbs().stream().map(Verb::text).sorted().forEach(verbs::add);
        ArrayNode shortNames = entry.putArray("shortNames");
        type.shortNames().forEach(shortNames::add);
        ArrayNode categories = entry.putArray("categories");
        type.categories().forEach(categories::add);
        type.subresources().forEach(subresource -> below(list.addObject(), type, subresource));
      }
    }
    if (list.isEmpty()) {
      throw Failures.noSuchPath();
    }
    return answer;
  }

  private static void below(ObjectNode entry, ResourceType type, Subresource subresource) {
    entry.put("name", type.plural() + "/" + subresource.name()).put("singularName", "");
    entry.put("namespaced", type.namespaced()).put("kind", type.kind().kind());
    ArrayNode verbs = entry.putArray("verbs");
    subresource.verbs().stream().map(Verb::text).sorted().forEach(verbs::add);
  }
}
