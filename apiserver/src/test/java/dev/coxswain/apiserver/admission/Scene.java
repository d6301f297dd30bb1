package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A small cluster for the plugins' tests, and requests in it. JSON is written with ' for ". */
final class Scene implements ObjectView {
  private final Map<String, ObjectNode> cached = new LinkedHashMap<>();
  private final Map<String, ObjectNode> stored = new LinkedHashMap<>();

  /** What the plugins look things up in. */
  ClusterObjects objects() {
    return new ClusterObjects(
        this, (resource, key) -> Optional.ofNullable(stored.get(path(resource, key))));
  }

  /** An object that cache and store have; its resource as {@code pods} or {@code x.group}. */
  Scene with(String resource, String json) {
    ObjectNode object = json(json);
    stored.put(path(resource, object), object);
    cached.put(path(resource, object), object);
    return this;
  }

  /**
   * An object that was stored a moment ago: the cache does not have it yet, or as it was before.
   */
  Scene withFresh(String resource, String json) {
    ObjectNode object = json(json);
    stored.put(path(resource, object), object);
    return this;
  }

  static ObjectNode json(String json) {
    return Json.parseObject(json.replace('\'', '"'));
  }

  private static String path(String resource, ObjectNode object) {
    String namespace = Json.text(object, "metadata", "namespace");
    return resource + " " + new ObjectKey(namespace, Json.text(object, "metadata", "name"));
  }

  private static String path(GroupResource resource, ObjectKey key) {
    return resource + " " + key;
  }

  static AdmissionRequest create(String resource, @Nullable ObjectNode object) {
    return request(Operation.CREATE, resource, "", object, null, UserInfo.of("someone", List.of()));
  }

  static AdmissionRequest request(
      Operation operation,
      String resource,
      String subresource,
      @Nullable ObjectNode object,
      @Nullable ObjectNode old,
      UserInfo user) {
    int dot = resource.indexOf('.');
    GroupResource named =
        dot < 0
            ? new GroupResource("", resource)
            : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot));
    ObjectNode either = object != null ? object : old;
    return new AdmissionRequest(
        operation,
        new GroupVersionKind(named.group(), "v1", "Kind"),
        named,
        subresource,
        either == null ? "" : Json.text(either, "metadata", "namespace"),
        either == null ? "" : Json.text(either, "metadata", "name"),
        object,
        old,
        null,
        false,
        user,
        new java.util.ArrayList<>(),
        Annotations.NONE);
  }

  @Override
  public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
    return Optional.ofNullable(cached.get(path(resource, key)));
  }

  @Override
  public List<ObjectNode> list(GroupResource resource, String namespace) {
    return cached.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(resource + " "))
        .map(Map.Entry::getValue)
        .filter(object ->
            namespace.isEmpty() || Json.text(object, "metadata", "namespace").equals(namespace))
        .toList();
  }

  @Override
  public boolean catchUp(Collection<GroupResource> resources) {
    boolean behind = false;
    for (Map.Entry<String, ObjectNode> object : stored.entrySet()) {
      String resource = object.getKey().substring(0, object.getKey().indexOf(' '));
      if (resources.stream().anyMatch(one -> one.toString().equals(resource))) {
        behind |= !object.getValue().equals(cached.put(object.getKey(), object.getValue()));
      }
    }
    return behind;
  }

  @Override
  public long revision(GroupResource resource) {
    throw new UnsupportedOperationException();
  }
}
