package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.discovery.Documents;
import dev.coxswain.apiserver.discovery.GroupVersions;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * The one document at {@code /openapi/v2}: everything that is served, as JSON or in gnostic's
 * binary form. It has some megabytes, so it is made when it is asked for, kept compressed, and
 * given up when memory is short or something else is served.
 */
public final class SwaggerDocuments implements Documents {
  private static final String PATH = "/openapi/v2";

  /** The binary form as it is announced; clients ask for it under an older name, too. */
  private static final String BINARY = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

  private static final String BINARY_BEFORE =
      "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

  private final ResourceRegistry registry;
  private final BuiltinSchemas schemas;
  private final String version;
  private final ForeignSpecs foreign;
  private final DocumentCache<Form> documents;

  private enum Form {
    JSON,
    BINARY
  }

  /**
   * Describes what a registry serves.
   *
   * @param version the server's version, such as {@code v1.34.1}
   * @param foreign what other servers describe, which is put behind this server's own
   */
  public SwaggerDocuments(
      ResourceRegistry registry, BuiltinSchemas schemas, String version, ForeignSpecs foreign) {
    this.registry = registry;
    this.schemas = schemas;
    this.version = version;
    this.foreign = foreign;
    // Both only grow, so that their sum changes whenever one of them does.
    this.documents = new DocumentCache<>(() -> registry.generation() + foreign.generation());
  }

  /**
   * {@inheritDoc}
   *
   * @throws ApiException with reason {@code NotAcceptable}
   */
  @Override
  public Optional<Document> document(String path, String accept) {
    return path.equals(PATH) ? Optional.of(document(form(accept))) : Optional.empty();
  }

  private static Form form(String accept) {
    for (String range : accept.split(",", -1)) {
      switch (range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)) {
        case "", "application/json", "application/*", "*/*" -> {
          return Form.JSON;
        }
        case BINARY, BINARY_BEFORE -> {
          return Form.BINARY;
        }
        default -> {}
      }
    }
    throw new ApiException(
        StatusReason.NOT_ACCEPTABLE,
        "only the following media types are accepted: application/json, " + BINARY);
  }

  private Document document(Form form) {
    return documents.get(form, () -> make(form));
  }

  private Document make(Form form) {
    return switch (form) {
      case JSON -> whole(Document.compressed("application/json", this::write));
      case BINARY -> {
        Document json = document(Form.JSON);
        yield Document.compressed(
            BINARY,
            out -> {
              try (InputStream in = json.open()) {
                SwaggerEncoder.encode(in, out);
              }
            });
      }
    };
  }

  private Document whole(Document own) {
    List<Document> parts =
        foreign.specs().stream()
            .flatMap(spec -> Optional.ofNullable(spec.swagger()).stream())
            .toList();
    return parts.isEmpty()
        ? own
        : Document.compressed("application/json", out -> SwaggerMerge.write(own, parts, out));
  }

  private void write(OutputStream bytes) {
    Dialect dialect = new Swagger();
    DefinitionNames names = new DefinitionNames(schemas, registry);
    List<ResourceType> types = registry.all();
    try (JsonGenerator out = Json.mapper().createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringProperty("swagger", "2.0");
      out.writeObjectPropertyStart("info");
      out.writeStringProperty("title", "Kubernetes");
      out.writeStringProperty("version", version);
      out.writeEndObject();
      out.writeObjectPropertyStart("paths");
      PathWriter paths = new PathWriter(out, names, dialect);
      GroupVersions.of(registry)
          .forEach((group, versions) ->
              versions.forEach((name, served) ->
                  paths.write(
                      group.isEmpty() ? "/api/" + name : "/apis/" + group + "/" + name, served)));
      out.writeEndObject();
      out.writeObjectPropertyStart("definitions");
      new DefinitionWriter(out, schemas, names, dialect).write(types, names.roots(types));
      out.writeEndObject();
      out.writeEndObject();
    }
  }
}
