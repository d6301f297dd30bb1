package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Representation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The forms in which a type's objects are served. */
final class Served {
  private Served() {}

  /** Objects as the type serves them. */
  static Representation whole(ResourceType type) {
    return type.converts() ? new Version(type) : Representation.STORED;
  }

  /** The metadata alone. */
  static Representation metadata(String apiVersion) {
    return new MetadataOnly(apiVersion);
  }

  /** The tree of an object in the version that the type serves; the caller's own. */
  static ObjectNode tree(ResourceType type, CachedObject object) {
    ObjectNode tree = object.parse();
    if (type.converts()) {
      type.conversion().fromStored(tree);
    }
    return tree;
  }

  /** The trees of many objects likewise; who is asked to convert them is asked once. */
  static List<ObjectNode> trees(ResourceType type, List<CachedObject> objects) {
    List<ObjectNode> trees = objects.stream().map(CachedObject::parse).toList();
    if (type.converts()) {
      type.conversion().allFromStored(trees);
    }
    return trees;
  }

  private record Version(ResourceType type) implements Representation {
    @Override
    public byte[] render(CachedObject object) {
      return Json.bytes(tree(type, object));
    }

    @Override
    public List<byte[]> all(List<CachedObject> objects) {
      return asks()
          ? trees(type, objects).stream().map(Json::bytes).toList()
          : Representation.super.all(objects);
    }

    @Override
    public boolean asks() {
      return type.conversion().asks();
    }
  }

  private record MetadataOnly(String apiVersion) implements Representation {
    @Override
    public byte[] render(CachedObject object) {
      return Json.bytes(partial(object.parse(), apiVersion));
    }

    @Override
    public ObjectNode bookmark(ObjectNode bookmark) {
      return partial(bookmark, apiVersion);
    }
  }

  /** Nothing but the metadata of an object, as a kind of its own. */
  static ObjectNode partial(ObjectNode object, String apiVersion) {
    ObjectNode partial = Json.object();
    partial.put("kind", "PartialObjectMetadata");
    partial.put("apiVersion", apiVersion);
    partial.set("metadata", object.path("metadata"));
    return partial;
  }

  /** What stands at the front of a list. */
  static byte[] listHead(String kind, String apiVersion, ObjectNode metadata) {
    ObjectNode head = Json.object();
    head.put("kind", kind);
    head.put("apiVersion", apiVersion);
    head.set("metadata", metadata);
    byte[] whole = Json.bytes(head);
    byte[] items = ",\"items\":[".getBytes(StandardCharsets.US_ASCII);
    byte[] result = Arrays.copyOf(whole, whole.length - 1 + items.length);
    System.arraycopy(items, 0, result, whole.length - 1, items.length);
    return result;
  }

  /** What stands between and behind the objects of a list. */
  static final List<byte[]> LIST_MARKS =
      List.of(",".getBytes(StandardCharsets.US_ASCII), "]}\n".getBytes(StandardCharsets.US_ASCII));
}
