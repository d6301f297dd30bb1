package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.discovery.Discovery;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** Writes the paths of one group version: what may be asked where, of what and with what. */
final class PathWriter {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
  private static final List<String> ANY_TYPE = List.of("*/*");
  private static final List<String> SERVED = List.of("application/json", "application/yaml");
  private static final List<String> WRITE = List.of("dryRun", "fieldManager", "fieldValidation");
  private static final List<String> LIST =
      List.of(
          "allowWatchBookmarks",
          "continue",
          "fieldSelector",
          "labelSelector",
          "limit",
          "resourceVersion",
          "resourceVersionMatch",
          "sendInitialEvents",
          "timeoutSeconds",
          "watch");
  private static final Set<String> NUMBERS =
      Set.of("limit", "timeoutSeconds", "gracePeriodSeconds");
  private static final Set<String> FLAGS =
      Set.of("allowWatchBookmarks", "sendInitialEvents", "watch", "force", "orphanDependents");
  private static final List<String> PATCH_TYPES =
      List.of(
          "application/apply-patch+yaml",
          "application/json-patch+json",
          "application/merge-patch+json",
          "application/strategic-merge-patch+json");

  private static final List<String> CUSTOM_PATCH_TYPES =
      PATCH_TYPES.stream().filter(type -> !type.contains("strategic")).toList();

  private final JsonGenerator out;
  private final DefinitionNames names;
  private final Dialect dialect;
  private List<String> patchTypes = PATCH_TYPES;

  PathWriter(JsonGenerator out, DefinitionNames names, Dialect dialect) {
    this.out = out;
    this.names = names;
    this.dialect = dialect;
  }

  /** Writes the paths below {@code /api/v1} or {@code /apis/G/V} into the open object. */
  void write(String base, List<ResourceType> types) {
    for (ResourceType type : types) {
      patchTypes = type.custom() ? CUSTOM_PATCH_TYPES : PATCH_TYPES;
      String scope = type.namespaced() ? base + "/namespaces/{namespace}/" : base + "/";
      String collection = scope + type.plural();
      collection(collection, type);
      if (type.namespaced() && type.verbs().contains(Verb.LIST)) {
        open(base + "/" + type.plural(), List.of());
        operation("get", "list", Verb.LIST, type, LIST, names.listOf(type), "", true);
        out.writeEndObject();
      }
      item(collection + "/{name}", type);
      for (Subresource subresource : type.subresources()) {
        subresource(collection + "/{name}/" + subresource.name(), type, subresource);
      }
    }
  }

  private void open(String path, List<String> parameters) {
    out.writeObjectPropertyStart(path);
    out.writeArrayPropertyStart("parameters");
    for (String name : parameters) {
      dialect.parameter(out, new Dialect.Parameter(name, "path", "string"));
    }
    dialect.parameter(out, option("pretty"));
    out.writeEndArray();
  }

  private void collection(String path, ResourceType type) {
    open(path, type.namespaced() ? List.of("namespace") : List.of());
    Set<Verb> verbs = type.verbs();
    if (verbs.contains(Verb.LIST)) {
      operation("get", "list", Verb.LIST, type, LIST, names.listOf(type), "", false);
    }
    if (verbs.contains(Verb.CREATE)) {
      operation("post", "post", Verb.CREATE, type, WRITE, names.of(type), names.of(type), false);
    }
    if (verbs.contains(Verb.DELETE_COLLECTION)) {
      operation(
          "delete",
          "deletecollection",
          Verb.DELETE_COLLECTION,
          type,
          LIST,
          META + "Status",
          META + "DeleteOptions",
          false);
    }
    out.writeEndObject();
  }

  private void item(String path, ResourceType type) {
    Set<Verb> verbs = type.verbs();
    if (!verbs.contains(Verb.GET)) {
      return;
    }
    open(path, type.namespaced() ? List.of("name", "namespace") : List.of("name"));
    String kind = names.of(type);
    operation("get", "get", Verb.GET, type, List.of(), kind, "", false);
    if (verbs.contains(Verb.UPDATE)) {
      operation("put", "put", Verb.UPDATE, type, WRITE, kind, kind, false);
    }
    if (verbs.contains(Verb.PATCH)) {
      operation("patch", "patch", Verb.PATCH, type, patchParameters(), kind, META + "Patch", false);
    }
    if (verbs.contains(Verb.DELETE)) {
      operation(
          "delete",
          "delete",
          Verb.DELETE,
          type,
          List.of("dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"),
          type.answersWithDeleted() ? kind : META + "Status",
          META + "DeleteOptions",
          false);
    }
    out.writeEndObject();
  }

  private static List<String> patchParameters() {
    List<String> parameters = new ArrayList<>(WRITE);
    parameters.add("force");
    return parameters;
  }

  private void subresource(String path, ResourceType type, Subresource subresource) {
    open(path, type.namespaced() ? List.of("name", "namespace") : List.of("name"));
    GroupVersionKind kind = Discovery.kind(type, subresource);
    boolean same = kind.equals(type.kind());
    String definition = same ? names.of(type) : DefinitionNames.builtin(kind);
    boolean connects = subresource instanceof Subresource.Connect;
    List<String> options =
        subresource instanceof Subresource.Connect connect ? connect.parameters() : List.of();
    for (Verb verb : Verb.values()) {
      if (subresource.verbs().contains(verb)) {
        String method = OperationIds.method(verb);
        String body = "";
        List<String> parameters = options;
        if (!connects && verb != Verb.GET) {
          body = verb == Verb.PATCH ? META + "Patch" : definition;
          parameters = verb == Verb.PATCH ? patchParameters() : WRITE;
        }
        String answer = connects ? "" : definition;
        operation(
            method,
            connects ? "connect" : method,
            kind,
            OperationIds.of(verb, connects, type, subresource),
            parameters,
            answer,
            body);
      }
    }
    out.writeEndObject();
  }

  private void operation(
      String method,
      String action,
      Verb verb,
      ResourceType type,
      List<String> parameters,
      String answer,
      String body,
      boolean everywhere) {
    String id =
        OperationIds.of(verb, type.kind(), type.namespaced() && !everywhere)
            + (everywhere ? "ForAllNamespaces" : "");
    operation(method, action, type.kind(), id, parameters, answer, body);
  }

  private void operation(
      String method,
      String action,
      GroupVersionKind kind,
      String id,
      List<String> parameters,
      String answer,
      String body) {
    out.writeObjectPropertyStart(method);
    out.writeStringProperty("operationId", id);
    dialect.content(
        out,
        new Operation(
            method,
            parameters.stream().map(PathWriter::option).toList(),
            content(body, method.equals("patch") ? patchTypes : ANY_TYPE),
            content(answer, SERVED)));
    out.writeStringProperty("x-kubernetes-action", action);
    out.writeName("x-kubernetes-group-version-kind");
    DefinitionWriter.writeKind(out, kind);
    out.writeEndObject();
  }

  private Operation.Content content(String definition, List<String> mediaTypes) {
    if (definition.isEmpty()) {
      return Operation.Content.NONE;
    }
    boolean known = names.exists(definition) || names.kind(definition).isPresent();
    return new Operation.Content(known ? definition : "", mediaTypes);
  }

  private static Dialect.Parameter option(String name) {
    String type = NUMBERS.contains(name) ? "integer" : FLAGS.contains(name) ? "boolean" : "string";
    return new Dialect.Parameter(name, "query", type);
  }
}
