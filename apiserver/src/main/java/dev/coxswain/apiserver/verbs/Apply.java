package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.fields.ObjectFields;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.schema.MalformedObjectException;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import dev.coxswain.apiserver.schema.YamlKeys;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Server-side apply: a patch that says all that its applier wants of an object. */
final class Apply {
  static final String MEDIA_TYPE = "application/apply-patch+yaml";
  private static final GroupVersionKind SCALE = new GroupVersionKind("autoscaling", "v1", "Scale");

  private Apply() {}

  /** Whether a patch is one to apply. */
  static boolean asked(HttpRequest request) {
    return BodyReader.mediaType(request).equals(MEDIA_TYPE);
  }

  /** Only an apply can be forced. */
  static void refuseForce(ApiRequest request) {
    if (request.query().has("force")) {
      throw WriteContext.invalid(
          request, FieldError.forbidden("force", "may not be specified for non-apply patch"));
    }
  }

  /** The change that a request's configuration asks for. */
  static Change change(
      ApiRequest request, ResourceType type, Part part, Ownership ownership, WriteContext context) {
    ObjectNode configuration = configuration(request, type.kind(), type.schema(), context);
    keepOwnPart(type, part, configuration);
    return change(
        (live, force) -> ownership.of(type, part, context).apply(live, configuration, force),
        type,
        configuration,
        request);
  }

  private static Change change(
      BiFunction<ObjectNode, Boolean, ObjectNode> apply,
      ResourceType type,
      ObjectNode configuration,
      ApiRequest request) {
    boolean force = request.query().flag("force");
    return new Change() {
      @Override
      public ObjectNode apply(@Nullable ObjectNode current) {
        ObjectNode live = current == null ? Ownership.blank(type, configuration) : current;
        return apply.apply(live, force);
      }

      @Override
      public boolean tracksOwners() {
        return true;
      }
    };
  }

  /**
   * Puts aside what this path does not write, so that nobody is said to own it for having tried.
   */
  private static void keepOwnPart(ResourceType type, Part part, ObjectNode configuration) {
    if (part instanceof Part.Status) {
      for (String field : List.copyOf(configuration.propertyNames())) {
        switch (field) {
          case "apiVersion", "kind", "metadata", "status" -> {}
          default -> configuration.remove(field);
        }
      }
      ObjectNode metadata = Metadata.of(configuration);
      List<String> named = List.of("name", "namespace", "uid", "resourceVersion");
      for (String field : List.copyOf(metadata.propertyNames())) {
        if (!named.contains(field)) {
          metadata.remove(field);
        }
      }
    } else if (type.hasStatus()) {
      configuration.remove("status");
    }
  }

  /** The change of an object that an applied Scale asks for. */
  static Change scale(
      ApiRequest request,
      ResourceType type,
      Subresource.Scale paths,
      Ownership ownership,
      WriteContext context) {
    ObjectNode scale = configuration(request, SCALE, Schema.anything(), context);
    ObjectNode configuration = Json.object();
    configuration.put("apiVersion", type.kind().apiVersion());
    configuration.put("kind", type.kind().kind());
    if (!Json.at(scale, "spec", "replicas").isMissingNode()) {
      ScaleView.apply(paths, scale, configuration);
    }
    if (Json.text(configuration, "metadata", "resourceVersion").isEmpty()) {
      configuration.remove("metadata");
    }
    return change(
        (live, force) ->
            ownership.of(type, new Part.Scaled(), context).apply(live, configuration, force),
        type,
        configuration,
        request);
  }

  /** The configuration in a body, checked against the shape and in canonical form. */
  private static ObjectNode configuration(
      ApiRequest request, GroupVersionKind kind, Schema schema, WriteContext context) {
    if (request.query().text("fieldManager").isEmpty()) {
      throw WriteContext.invalid(
          request, FieldError.required("fieldManager", "is required for apply patch"));
    }
    ObjectNode tree = tree(request, context);
    String apiVersion = Json.text(tree, "apiVersion");
    String named = Json.text(tree, "kind");
    if (!apiVersion.equals(kind.apiVersion()) || !named.equals(kind.kind())) {
      throw Failures.badRequest("invalid object type: " + apiVersion + ", Kind=" + named);
    }
    if (!Json.at(tree, "metadata", "managedFields").isEmpty()) {
      throw Failures.badRequest("metadata.managedFields must be nil");
    }
    List<String> problems = ObjectFields.problems(schema, tree);
    if (!problems.isEmpty()) {
      throw untyped(
          tree,
          kind,
          problems.size() == 1
              ? problems.getFirst()
              : "errors:\n  "
                  + String.join(
                      "\n  ",
                      problems.subList(
                          0, Math.min(problems.size(), ObjectDecoder.MAXIMUM_PROBLEMS))));
    }
    try {
      return ObjectDecoder.decode(tree, schema).object();
    } catch (MalformedObjectException e) {
      throw untyped(tree, kind, String.valueOf(e.getMessage()));
    }
  }

  private static ObjectNode tree(ApiRequest request, WriteContext context) {
    byte[] body = request.http().body();
    FieldValidation validation = FieldValidation.of(request.query());
    List<String> duplicates =
        validation == FieldValidation.IGNORE ? List.of() : YamlKeys.duplicates(body);
    if (!duplicates.isEmpty()) {
      if (validation == FieldValidation.STRICT) {
        throw Failures.badRequest(
            "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  "
                + String.join("\n  ", duplicates));
      }
      context.warnings().addAll(duplicates);
    }
    JsonNode tree = BodyReader.yaml(body);
    if (tree instanceof ObjectNode object) {
      return object;
    }
    throw Failures.badRequest("error decoding YAML: the configuration is not an object");
  }

  private static ApiException untyped(ObjectNode tree, GroupVersionKind kind, String why) {
    String namespace = Json.text(tree, "metadata", "namespace");
    return new ApiException(
        new ApiStatus(
            500,
            StatusReason.UNKNOWN,
            "failed to create typed patch object ("
                + namespace
                + "/"
                + Json.text(tree, "metadata", "name")
                + "; "
                + (kind.group().isEmpty() ? "/" : "")
                + kind.apiVersion()
                + ", Kind="
                + kind.kind()
                + "): "
                + why,
            ApiStatus.Details.NONE));
  }
}
