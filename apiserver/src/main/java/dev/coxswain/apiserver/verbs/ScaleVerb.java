package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.watch.CachedObject;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes how many replicas an object wants, through its scale. */
final class ScaleVerb {
  private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final Ownership ownership;
  private final Responses responses;

  ScaleVerb(ObjectReader reader, ObjectWriter writer, Ownership ownership, Responses responses) {
    this.reader = reader;
    this.writer = writer;
    this.ownership = ownership;
    this.responses = responses;
  }

  /** Answers a get, an update or a patch of the scale of the object with the key. */
  void handle(ApiRequest request, ResourceType type, ObjectKey key, Subresource.Scale scale)
      throws InterruptedException {
    if (request.info().verb().equals("get")) {
      CachedObject object = reader.get(type, key, request.query());
      responses.tree(request, 200, ScaleView.of(scale, Served.tree(type, object)), List.of());
      return;
    }
    WriteContext context = WriteContext.of(request, null);
    ObjectWriter.Written written =
        writer.update(
            type,
            key,
            new Part.Scaled(),
            null,
            scaled(request, type, key, scale, context),
            context);
    responses.tree(
        request, 200, ScaleView.of(scale, Served.tree(type, written.object())), context.warnings());
  }

  private Change scaled(
      ApiRequest request,
      ResourceType type,
      ObjectKey key,
      Subresource.Scale scale,
      WriteContext context) {
    if (Apply.asked(request.http())) {
      return Apply.scale(request, type, scale, ownership, context);
    }
    @Nullable ObjectNode body = request.info().verb().equals("update") ? body(request, key) : null;
    return current -> {
      ObjectNode object = Objects.requireNonNull(current);
      ObjectNode wanted =
          body != null ? body : Patches.tree(ScaleView.of(scale, object), request.http());
      requireSame(type, key, Json.text(wanted, "metadata", "uid"), object);
      ScaleView.apply(scale, wanted, object);
      return object;
    };
  }

  /** A scale that is put, which must be that of the object in the URL. */
  private static ObjectNode body(ApiRequest request, ObjectKey key) {
    ObjectNode scale = BodyReader.object(request.http(), SCALE);
    String name = Json.text(scale, "metadata", "name");
    String namespace = Json.text(scale, "metadata", "namespace");
    if (!name.isEmpty() && !name.equals(key.name())) {
      throw Metadata.otherName(name, key);
    }
    if (!namespace.isEmpty() && !namespace.equals(key.namespace())) {
      throw Failures.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    return scale;
  }

  /** Who means one certain object does not scale another that has its name by now. */
  private static void requireSame(ResourceType type, ObjectKey key, String uid, ObjectNode object) {
    String stored = Json.text(object, "metadata", "uid");
    if (!uid.isEmpty() && !uid.equals(stored)) {
      throw Failures.conflict(
          type.resource(),
          key.name(),
          "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + stored);
    }
  }
}
