package dev.coxswain.apiserver.discovery;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The documents at {@code /api}, {@code /apis} and below: each group by itself as they always were,
 * and all at once ({@code apidiscovery.k8s.io/v2}) for clients that ask. A document is made when it
 * is first asked for and kept until the registry changes; there are as many as group versions.
 */
public final class Discovery implements Documents {
  private static final String JSON = "application/json";
  private static final String AGGREGATED_TYPE =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  private final ResourceRegistry registry;
  private final Extensions extensions;
  private final String serverAddress;
  private volatile Cache cache = new Cache(0, new ConcurrentHashMap<>());

  private record Cache(long generation, Map<String, Optional<Document>> documents) {}

  /**
   * Describes what a registry serves.
   *
   * @param extensions what other servers serve
   * @param serverAddress where clients reach the server, {@code host:port}
   */
  public Discovery(ResourceRegistry registry, Extensions extensions, String serverAddress) {
    this.registry = registry;
    this.extensions = extensions;
    this.serverAddress = serverAddress;
  }

  /** {@code /api}, {@code /apis}, {@code /api/v1}, {@code /apis/G} and {@code /apis/G/V}. */
  @Override
  public Optional<Document> document(String path, String accept) {
    boolean root = path.equals("/api") || path.equals("/apis");
    String key = root && wantsAggregated(accept) ? path + "?aggregated" : path;
    // Both only grow, and so does their sum.
    long generation = registry.generation() + extensions.generation();
    Cache current = cache;
    if (current.generation != generation) {
      current = new Cache(generation, new ConcurrentHashMap<>());
      cache = current;
    }
    Optional<Document> known = current.documents.get(key);
    if (known != null) {
      return known;
    }
    Optional<Document> made = make(key);
    if (made.isPresent()) {
      current.documents.put(key, made);
    }
    return made;
  }

  /** The first media range that can be served decides. */
  private static boolean wantsAggregated(String accept) {
    for (String range : accept.split(",", -1)) {
      String wanted = range.strip().replace(" ", "");
      if (wanted.startsWith(AGGREGATED_TYPE)) {
        return true;
      }
      if (wanted.equals(JSON) || wanted.equals("*/*")) {
        return false;
      }
    }
    return false;
  }

  private Optional<Document> make(String key) {
    Map<String, Map<String, List<ResourceType>>> groups = GroupVersions.of(registry);
    return switch (key) {
      case "/api" -> json(versions());
      case "/apis" -> json(groupList(groups));
      case "/api?aggregated" -> aggregated(groups, true);
      case "/apis?aggregated" -> aggregated(groups, false);
      default -> below(key, groups);
    };
  }

  /** The document of one group or of one version. */
  private Optional<Document> below(
      String key, Map<String, Map<String, List<ResourceType>>> groups) {
    String[] steps = key.split("/", -1);
    boolean core = steps.length == 3 && steps[1].equals("api");
    boolean named = (steps.length == 3 || steps.length == 4) && steps[1].equals("apis");
    String group = core ? "" : steps.length > 2 ? steps[2] : "";
    Map<String, List<ResourceType>> versions = groups.get(group);
    if (named && steps.length == 3) {
      for (JsonNode known : groupList(groups).path("groups")) {
        if (Json.text(known, "name").equals(group)) {
          return json(withKind((ObjectNode) known, "APIGroup"));
        }
      }
    }
    if ((!core && (!named || steps.length == 3)) || versions == null) {
      return Optional.empty();
    }
    String version = core ? steps[2] : steps[3];
    List<ResourceType> types = versions.get(version);
    return types == null ? Optional.empty() : json(resources(group, version, types));
  }

  private static Optional<Document> json(ObjectNode node) {
    return Optional.of(Document.of(JSON, Json.bytes(node)));
  }

  private static ObjectNode withKind(ObjectNode rest, String kind) {
    ObjectNode document = Json.object();
    document.put("kind", kind).put("apiVersion", "v1");
    document.setAll(rest);
    return document;
  }

  private ObjectNode versions() {
    ObjectNode document = Json.object();
    document.put("kind", "APIVersions");
    document.putArray("versions").add("v1");
    document
        .putArray("serverAddressByClientCIDRs")
        .addObject()
        .put("clientCIDR", "0.0.0.0/0")
        .put("serverAddress", serverAddress);
    return document;
  }

  private ObjectNode groupList(Map<String, Map<String, List<ResourceType>>> groups) {
    ObjectNode document = withKind(Json.object(), "APIGroupList");
    ArrayNode list = document.putArray("groups");
    groups.forEach((name, versions) -> {
      if (!name.isEmpty()) {
        list.add(group(name, versions));
      }
    });
    ExtendedDocuments.groups(list, extensions.versions());
    return document;
  }

  private static ObjectNode group(String name, Map<String, List<ResourceType>> versions) {
    ObjectNode group = Json.object();
    group.put("name", name);
    ArrayNode list = group.putArray("versions");
    for (String version : versions.keySet()) {
      list.addObject().put("groupVersion", name + "/" + version).put("version", version);
    }
    group.set("preferredVersion", list.get(0).deepCopy());
    return group;
  }

  private ObjectNode resources(String group, String version, List<ResourceType> types) {
    ObjectNode document = withKind(Json.object(), "APIResourceList");
    document.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    ArrayNode list = document.putArray("resources");
    for (ResourceType type : types) {
      ObjectNode resource = list.addObject();
      resource.put("name", type.plural());
      resource.put("singularName", type.singular());
      resource.put("namespaced", type.namespaced());
      resource.put("kind", type.kind().kind());
      verbs(resource, type.verbs());
      texts(resource, "shortNames", type.shortNames());
      texts(resource, "categories", type.categories());
      storageVersion(type).ifPresent(hash -> resource.put("storageVersionHash", hash));
      for (Subresource subresource : type.subresources()) {
        ObjectNode child = list.addObject();
        child.put("name", type.plural() + "/" + subresource.name());
        child.put("singularName", "");
        child.put("namespaced", type.namespaced());
        GroupVersionKind kind = kind(type, subresource);
        if (!kind.apiVersion().equals(type.kind().apiVersion())) {
          child.put("group", kind.group()).put("version", kind.version());
        }
        child.put("kind", kind.kind());
        verbs(child, subresource.verbs());
      }
    }
    return document;
  }

  /** Nothing is told of what is not stored, nor of a custom version that is not served. */
  private Optional<String> storageVersion(ResourceType type) {
    boolean told =
        type.stored() && (!type.custom() || registry.find(type.storedKind()).isPresent());
    return told ? Optional.of(StorageVersionHash.of(type.storedKind())) : Optional.empty();
  }

  private Optional<Document> aggregated(
      Map<String, Map<String, List<ResourceType>>> groups, boolean core) {
    ObjectNode document = Json.object();
    document.put("kind", "APIGroupDiscoveryList");
    document.put("apiVersion", "apidiscovery.k8s.io/v2");
    document.putObject("metadata");
    ArrayNode items = document.putArray("items");
    groups.forEach((group, versions) -> {
      if (group.isEmpty() == core) {
        ObjectNode item = items.addObject();
        ObjectNode metadata = item.putObject("metadata");
        if (!core) {
          metadata.put("name", group);
        }
        metadata.putNull("creationTimestamp");
        ArrayNode list = item.putArray("versions");
        versions.forEach((version, types) -> list.add(aggregatedVersion(version, types)));
      }
    });
    if (!core) {
      ExtendedDocuments.items(items, extensions.versions());
    }
    return Optional.of(Document.of(AGGREGATED_TYPE, Json.bytes(document)));
  }

  private static ObjectNode aggregatedVersion(String version, List<ResourceType> types) {
    ObjectNode node = Json.object();
    node.put("version", version);
    ArrayNode resources = node.putArray("resources");
    for (ResourceType type : types) {
      ObjectNode resource = resources.addObject();
      resource.put("resource", type.plural());
      responseKind(resource, type.kind());
      resource.put("scope", type.namespaced() ? "Namespaced" : "Cluster");
      resource.put("singularResource", type.singular());
      verbs(resource, type.verbs());
      texts(resource, "shortNames", type.shortNames());
      texts(resource, "categories", type.categories());
      if (!type.subresources().isEmpty()) {
        ArrayNode children = resource.putArray("subresources");
        for (Subresource subresource : type.subresources()) {
          ObjectNode child = children.addObject();
          child.put("subresource", subresource.name());
          responseKind(child, kind(type, subresource));
          verbs(child, subresource.verbs());
        }
      }
    }
    node.put("freshness", "Current");
    return node;
  }

  private static void responseKind(ObjectNode node, GroupVersionKind kind) {
    node.putObject("responseKind")
        .put("group", kind.group())
        .put("version", kind.version())
        .put("kind", kind.kind());
  }

  /** The kind that a subresource's path takes and gives. */
  public static GroupVersionKind kind(ResourceType type, Subresource subresource) {
    return switch (subresource) {
      case Subresource.Status _ -> type.kind();
      case Subresource.Edit _ -> type.kind();
      case Subresource.Scale _ -> new GroupVersionKind("autoscaling", "v1", "Scale");
      case Subresource.Action action -> action.kind();
      case Subresource.Connect connect -> connect.kind();
    };
  }

  private static void verbs(ObjectNode node, Collection<Verb> verbs) {
    ArrayNode list = node.putArray("verbs");
    verbs.stream().sorted().map(Verb::text).forEach(list::add);
  }

  private static void texts(ObjectNode node, String field, List<String> texts) {
    if (!texts.isEmpty()) {
      ArrayNode list = node.putArray(field);
      texts.forEach(list::add);
    }
  }
}
