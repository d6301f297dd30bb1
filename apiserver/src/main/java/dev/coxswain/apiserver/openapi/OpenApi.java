package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.discovery.Documents;
import dev.coxswain.apiserver.discovery.GroupVersions;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.node.ObjectNode;

/**
 * The documents at {@code /openapi/v3} and below, one for each group version. A document is made
 * when it is first asked for, kept compressed, and given up again when memory is short.
 */
public final class OpenApi implements Documents {
  private static final String JSON = "application/json";

  /** Before the name of a version, as the index tells it. */
  private static final String BELOW = "/openapi/v3/";

  private static final Dialect DIALECT = new VersionThree();

  private final ResourceRegistry registry;
  private final BuiltinSchemas schemas;
  private final String version;
  private final String build;
  private final ForeignSpecs foreign;
  private final DocumentCache<String> documents;

  /**
   * Describes what a registry serves.
   *
   * @param version the server's version, such as {@code v1.34.1}
   * @param build what else tells this program from others, which may describe the same otherwise
   * @param foreign what other servers describe: they are in the index, and describe themselves,
   *     save for those that know but the older form
   */
  public OpenApi(
      ResourceRegistry registry,
      BuiltinSchemas schemas,
      String version,
      String build,
      ForeignSpecs foreign) {
    this.registry = registry;
    this.schemas = schemas;
    this.version = version;
    this.build = build;
    this.foreign = foreign;
    // Both only grow, so that their sum changes whenever one of them does.
    this.documents = new DocumentCache<>(() -> registry.generation() + foreign.generation());
  }

  /** {@code /openapi/v3}, {@code /openapi/v3/api/v1} and {@code /openapi/v3/apis/G/V}. */
  @Override
  public Optional<Document> document(String path, String accept) {
    if (path.equals("/openapi/v3")) {
      return Optional.of(index());
    }
    return groupVersions().entrySet().stream()
        .filter(entry -> path.equals(BELOW + entry.getKey()))
        .findFirst()
        .map(entry -> groupVersion(entry.getKey(), entry.getValue()))
        .or(() -> upgraded(path));
  }

  /** The hash that the index tells. */
  @Override
  public Optional<String> content(String path) {
    if (!path.startsWith(BELOW)) {
      return Optional.empty();
    }
    String name = path.substring(BELOW.length());
    List<ResourceType> types = groupVersions().get(name);
    if (types != null) {
      return Optional.of(fingerprint(name, types));
    }
    return foreign.specs().stream()
        .filter(spec -> spec.path().equals(name) && spec.onlySwagger())
        .flatMap(spec -> Optional.ofNullable(spec.swagger()).stream())
        .map(Document::hash)
        .findFirst();
  }

  /** What another server says in the older form alone. */
  private Optional<Document> upgraded(String path) {
    for (ForeignSpecs.Spec spec : foreign.specs()) {
      Document swagger = spec.swagger();
      if (swagger != null && spec.onlySwagger() && path.equals(BELOW + spec.path())) {
        return Optional.of(
            documents.get(
                spec.path(),
                () ->
                    Document.compressed(
                        JSON,
                        out ->
                            out.write(
                                Json.bytes(
                                    SwaggerUpgrade.of(
                                        Json.parseObject(swagger.body()), version))))));
      }
    }
    return Optional.empty();
  }

  /** The resources of each version, by {@code api/v1} and {@code apis/G/V}. */
  private Map<String, List<ResourceType>> groupVersions() {
    Map<String, List<ResourceType>> result = new LinkedHashMap<>();
    GroupVersions.of(registry)
        .forEach((group, versions) ->
            versions.forEach((name, types) ->
                result.put(group.isEmpty() ? "api/" + name : "apis/" + group + "/" + name, types)));
    return result;
  }

  private Document index() {
    ObjectNode index = Json.object();
    ObjectNode paths = index.putObject("paths");
    groupVersions()
        .forEach((path, types) ->
            paths
                .putObject(path)
                .put("serverRelativeURL", BELOW + path + "?hash=" + fingerprint(path, types)));
    for (ForeignSpecs.Spec spec : foreign.specs()) {
      Document swagger = spec.swagger();
      String url =
          swagger != null && spec.onlySwagger()
              ? BELOW + spec.path() + "?hash=" + swagger.hash()
              : spec.url();
      if (!url.isEmpty() && !paths.has(spec.path())) {
        paths.putObject(spec.path()).put("serverRelativeURL", url);
      }
    }
    return Document.of(JSON, Json.bytes(index));
  }

  /**
   * Identifies a document's content without making it: built-in shapes change with the server's
   * build alone, and only what is added at run time has to be looked at.
   */
  private String fingerprint(String path, List<ResourceType> types) {
    boolean builtin = types.stream().allMatch(type -> DefinitionNames.isBuiltin(schemas, type));
    if (!builtin) {
      return groupVersion(path, types).hash();
    }
    StringBuilder text =
        new StringBuilder(version).append(build).append(schemas.names().size()).append(path);
    for (ResourceType type : types) {
      text.append(type).append(type.verbs().stream().sorted().toList());
      type.subresources().forEach(subresource -> text.append(subresource.name()));
    }
    return Document.hash(text.toString());
  }

  private Document groupVersion(String path, List<ResourceType> types) {
    return documents.get(path, () -> Document.compressed(JSON, out -> write(out, path, types)));
  }

  private void write(OutputStream bytes, String path, List<ResourceType> types) {
    try (JsonGenerator out = Json.mapper().createGenerator(bytes)) {
      DefinitionNames names = new DefinitionNames(schemas, registry);
      out.writeStartObject();
      out.writeStringProperty("openapi", "3.0.0");
      out.writeObjectPropertyStart("info");
      out.writeStringProperty("title", "Kubernetes");
      out.writeStringProperty("version", version);
      out.writeEndObject();
      out.writeObjectPropertyStart("paths");
      new PathWriter(out, names, DIALECT).write("/" + path, types);
      out.writeEndObject();
      out.writeObjectPropertyStart("components");
      out.writeObjectPropertyStart("schemas");
      new DefinitionWriter(out, schemas, names, DIALECT).write(types, names.roots(types));
      out.writeEndObject();
      out.writeEndObject();
      out.writeEndObject();
    }
  }
}
