package dev.coxswain.apiserver.authz.rbac;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Roles and bindings that a test put there, with revisions that grow as in the store. */
final class FixedView implements ObjectView {
  private final Map<GroupResource, List<ObjectNode>> objects = new LinkedHashMap<>();
  private final Map<GroupResource, Long> revisions = new LinkedHashMap<>();
  private long revision;

  void put(ObjectNode object) {
    GroupResource resource =
        new GroupResource(
            CompiledPolicy.GROUP, object.path("kind").asString("").toLowerCase(Locale.ROOT) + "s");
    objects.computeIfAbsent(resource, any -> new ArrayList<>()).add(object);
    revisions.put(resource, ++revision);
  }

  void put(String json) {
    put(Json.parseObject(json.replace('\'', '"')));
  }

  @Override
  public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
    return list(resource, key.namespace()).stream()
        .filter(object -> object.path("metadata").path("name").asString("").equals(key.name()))
        .findFirst();
  }

  @Override
  public List<ObjectNode> list(GroupResource resource, String namespace) {
    return objects.getOrDefault(resource, List.of()).stream()
        .filter(object ->
            namespace.isEmpty()
                || object.path("metadata").path("namespace").asString("").equals(namespace))
        .toList();
  }

  @Override
  public long revision(GroupResource resource) {
    return revisions.getOrDefault(resource, 0L);
  }
}
