package dev.coxswain.apiserver.discovery;

import dev.coxswain.api.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Puts the versions of other servers into the documents of this one. */
final class ExtendedDocuments {
  private ExtendedDocuments() {}

  /** Adds to the groups of an APIGroupList. */
  static void groups(ArrayNode groups, List<Extensions.Version> versions) {
    for (Extensions.Version version : versions) {
      ObjectNode group = named(groups, version.group(), "name");
      ArrayNode list = list(group, "versions");
      ObjectNode entry = list.addObject();
      entry
          .put("groupVersion", version.group() + "/" + version.version())
          .put("version", version.version());
      if (!group.has("preferredVersion")) {
        group.set("preferredVersion", entry.deepCopy());
      }
    }
  }

  /** Adds to the items of an APIGroupDiscoveryList. */
  static void items(ArrayNode items, List<Extensions.Version> versions) {
    for (Extensions.Version version : versions) {
      ObjectNode item = named(items, version.group(), "metadata", "name");
      ObjectNode entry = list(item, "versions").addObject();
      entry.put("version", version.version());
      ArrayNode resources = entry.putArray("resources");
      ObjectNode known = version.resources();
      if (known != null) {
        resources(known.path("resources"), version, resources);
      }
      entry.put("freshness", version.current() && known != null ? "Current" : "Stale");
    }
  }

  private static ObjectNode named(ArrayNode list, String name, String... path) {
    for (JsonNode one : list) {
      if (one instanceof ObjectNode found && Json.text(found, path).equals(name)) {
        return found;
      }
    }
    ObjectNode made = list.addObject();
    ObjectNode parent = path.length > 1 ? made.putObject(path[0]) : made;
    parent.put(path[path.length - 1], name);
    if (path.length > 1) {
      parent.putNull("creationTimestamp");
    }
    return made;
  }

  private static ArrayNode list(ObjectNode node, String field) {
    return node.get(field) instanceof ArrayNode present ? present : node.putArray(field);
  }

  /** An APIResourceList names subresources beside their resources; here they stand within. */
  private static void resources(JsonNode known, Extensions.Version version, ArrayNode resources) {
    Map<String, ObjectNode> byName = new LinkedHashMap<>();
    for (JsonNode resource : known) {
      String name = Json.text(resource, "name");
      if (!name.contains("/")) {
        ObjectNode entry = resources.addObject();
        entry.put("resource", name);
        kind(entry, resource, version);
        entry.put("scope", Json.flag(resource, "namespaced") ? "Namespaced" : "Cluster");
        entry.put("singularResource", Json.text(resource, "singularName"));
        copy(resource, entry, "verbs");
        copy(resource, entry, "shortNames");
        copy(resource, entry, "categories");
        byName.put(name, entry);
      }
    }
    for (JsonNode resource : known) {
      String name = Json.text(resource, "name");
      int slash = name.indexOf('/');
      ObjectNode parent = slash < 0 ? null : byName.get(name.substring(0, slash));
      if (parent != null) {
        ObjectNode entry = list(parent, "subresources").addObject();
        entry.put("subresource", name.substring(slash + 1));
        kind(entry, resource, version);
        copy(resource, entry, "verbs");
      }
    }
  }

  private static void kind(ObjectNode entry, JsonNode resource, Extensions.Version version) {
    String group = Json.text(resource, "group");
    String own = Json.text(resource, "version");
    entry
        .putObject("responseKind")
        .put("group", group.isEmpty() && own.isEmpty() ? version.group() : group)
        .put("version", own.isEmpty() ? version.version() : own)
        .put("kind", Json.text(resource, "kind"));
  }

  private static void copy(JsonNode from, ObjectNode to, String field) {
    if (from.path(field).isArray()) {
      to.set(field, from.path(field).deepCopy());
    }
  }
}
