package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.ApiRequest;
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
            type, key, new Part.Scaled(), null, scaled(request, type, scale, context), context);
    responses.tree(
        request, 200, ScaleView.of(scale, Served.tree(type, written.object())), context.warnings());
  }

  private Change scaled(
      ApiRequest request, ResourceType type, Subresource.Scale scale, WriteContext context) {
    if (Apply.asked(request.http())) {
      return Apply.scale(request, type, scale, ownership, context);
    }
    @Nullable ObjectNode body =
        request.info().verb().equals("update") ? BodyReader.object(request.http(), SCALE) : null;
    return current -> {
      ObjectNode object = Objects.requireNonNull(current);
      ObjectNode wanted =
          body != null ? body : Patches.tree(ScaleView.of(scale, object), request.http());
      ScaleView.apply(scale, wanted, object);
      return object;
    };
  }
}
