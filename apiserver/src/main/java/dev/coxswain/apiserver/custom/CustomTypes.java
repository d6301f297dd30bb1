package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.definition.DefinitionStrategy;
import dev.coxswain.apiserver.discovery.GroupVersions;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes the resource types that a definition asks for. */
final class CustomTypes {
  private final Schema objectMeta;
  private final Function<JsonNode, VersionConverter> webhooks;

  /**
   * Makes types.
   *
   * @param objectMeta the shape of {@code metadata}
   * @param webhooks the converter of a definition's {@code conversion.webhook}
   */
  CustomTypes(Schema objectMeta, Function<JsonNode, VersionConverter> webhooks) {
    this.objectMeta = objectMeta;
    this.webhooks = webhooks;
  }

  /** The resource that a definition is about. */
  static GroupResource resource(ObjectNode definition) {
    return new GroupResource(
        Json.text(definition, "spec", "group"), Json.text(definition, "spec", "names", "plural"));
  }

  /** Whether the names are the definition's own, so that it may be served. */
  static boolean accepted(ObjectNode definition) {
    return Conditions.isTrue(definition, "NamesAccepted")
        || Conditions.isTrue(definition, "Established");
  }

  /** A type for each served version, the preferred one first. */
  List<ResourceType> of(ObjectNode definition) {
    List<JsonNode> versions = new ArrayList<>();
    for (JsonNode version : Json.at(definition, "spec", "versions")) {
      if (Json.flag(version, "served")) {
        versions.add(version);
      }
    }
    versions.sort(Comparator.comparing(v -> Json.text(v, "name"), GroupVersions.PREFERENCE));
    return versions.stream().map(version -> type(definition, version)).toList();
  }

  /** The type of the version that is stored, be it served or not. */
  ResourceType stored(ObjectNode definition) {
    for (JsonNode version : Json.at(definition, "spec", "versions")) {
      if (Json.flag(version, "storage")) {
        return type(definition, version);
      }
    }
    throw new IllegalStateException("a definition without a storage version");
  }

  private ResourceType type(ObjectNode definition, JsonNode version) {
    JsonNode names = Json.at(definition, "status", "acceptedNames");
    GroupResource resource = resource(definition);
    String kind = Json.text(names, "kind");
    GroupVersionKind served =
        new GroupVersionKind(resource.group(), Json.text(version, "name"), kind);
    GroupVersionKind stored =
        new GroupVersionKind(resource.group(), DefinitionStrategy.storageVersion(definition), kind);
    StructuralSchema schema = schema(version);
    boolean hasStatus = Json.at(version, "subresources", "status").isObject();
    Subresource.Scale scale = scale(Json.at(version, "subresources", "scale"));
    CustomConversion conversion =
        new CustomConversion(
            served, stored, schema, storedSchema(definition), converter(definition));
    ResourceType.Builder type =
        ResourceType.of(served.group(), served.version(), kind)
            .custom(Json.text(names, "listKind"))
            .plural(resource.resource())
            .singular(Json.text(names, "singular"))
            .shortNames(texts(names.path("shortNames")))
            .categories(texts(names.path("categories")))
            .namespaced(Json.text(definition, "spec", "scope").equals("Namespaced"))
            .columns(CustomColumns.of(version.path("additionalPrinterColumns")))
            .selectableFields(
                served.equals(stored)
                    ? selectable(version.path("selectableFields"))
                    : selectable(version.path("selectableFields")).of(conversion))
            .schema(schema)
            .storedAs(stored, resource.resource(), conversion)
            .deprecation(deprecation(definition, version))
            .strategy(
                new CustomStrategy(
                    new CustomStrategy.Settings(
                        resource,
                        schema,
                        hasStatus,
                        scale,
                        Conditions.isTrue(definition, "Terminating"))));
    if (hasStatus) {
      type.status();
    }
    if (scale != null) {
      type.subresources(scale);
    }
    return type.build();
  }

  private VersionConverter converter(ObjectNode definition) {
    return Json.text(definition, "spec", "conversion", "strategy").equals("Webhook")
        ? webhooks.apply(Json.at(definition, "spec", "conversion", "webhook"))
        : VersionConverter.NONE;
  }

  private StructuralSchema storedSchema(ObjectNode definition) {
    String stored = DefinitionStrategy.storageVersion(definition);
    for (JsonNode version : Json.at(definition, "spec", "versions")) {
      if (Json.text(version, "name").equals(stored)) {
        return schema(version);
      }
    }
    return schema(Json.object());
  }

  private StructuralSchema schema(JsonNode version) {
    ObjectNode source =
        Json.at(version, "schema", "openAPIV3Schema") instanceof ObjectNode given
            ? given
            : Json.object().put("x-kubernetes-preserve-unknown-fields", true);
    return StructuralSchema.of(source, objectMeta);
  }

  private static Subresource.@Nullable Scale scale(JsonNode scale) {
    return scale.isObject()
        ? new Subresource.Scale(
            Json.text(scale, "specReplicasPath"),
            Json.text(scale, "statusReplicasPath"),
            Json.text(scale, "labelSelectorPath"))
        : null;
  }

  private static SelectableFields selectable(JsonNode fields) {
    List<String> names = new ArrayList<>();
    for (JsonNode field : fields) {
      String path = Json.text(field, "jsonPath");
      names.add(path.startsWith(".") ? path.substring(1) : path);
    }
    return SelectableFields.and(names.toArray(String[]::new));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asString("")));
    return texts;
  }

  private static String deprecation(ObjectNode definition, JsonNode version) {
    if (!Json.flag(version, "deprecated")) {
      return "";
    }
    String given = Json.text(version, "deprecationWarning");
    if (!given.isEmpty()) {
      return given;
    }
    String group = Json.text(definition, "spec", "group");
    String kind = Json.text(definition, "spec", "names", "kind");
    String name = Json.text(version, "name");
    String better = "";
    for (JsonNode other : Json.at(definition, "spec", "versions")) {
      String candidate = Json.text(other, "name");
      boolean usable = Json.flag(other, "served") && !Json.flag(other, "deprecated");
      if (usable
          && GroupVersions.PREFERENCE.compare(candidate, name) < 0
          && (better.isEmpty() || GroupVersions.PREFERENCE.compare(candidate, better) < 0)) {
        better = candidate;
      }
    }
    return group
        + "/"
        + name
        + " "
        + kind
        + " is deprecated"
        + (better.isEmpty() ? "" : "; use " + group + "/" + better + " " + kind);
  }
}
