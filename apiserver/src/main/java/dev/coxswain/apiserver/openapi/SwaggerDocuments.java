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
import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
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
  private final ReentrantLock making = new ReentrantLock();
  private volatile Cache cache = new Cache(0, new ConcurrentHashMap<>());

  private enum Form {
    JSON,
    BINARY
  }

  private record Cache(long generation, Map<Form, SoftReference<Document>> documents) {}

  /**
   * Describes what a registry serves.
   *
   * @param version the server's version, such as {@code v1.34.1}
   */
  public SwaggerDocuments(ResourceRegistry registry, BuiltinSchemas schemas, String version) {
    this.registry = registry;
    this.schemas = schemas;
    this.version = version;
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
    Document known = known(form);
    if (known != null) {
      return known;
    }
    making.lock();
    try {
      // Whoever waited for the lock finds it made.
      known = known(form);
      return known != null ? known : make(form);
    } finally {
      making.unlock();
    }
  }

  private @Nullable Document known(Form form) {
    Cache current = cache;
    SoftReference<Document> reference =
        current.generation == registry.generation() ? current.documents.get(form) : null;
    return reference == null ? null : reference.get();
  }

  private Document make(Form form) {
    long generation = registry.generation();
    Document made =
        switch (form) {
          case JSON -> Document.compressed("application/json", this::write);
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
    if (cache.generation != generation) {
      cache = new Cache(generation, new ConcurrentHashMap<>());
    }
    cache.documents.put(form, new SoftReference<>(made));
    return made;
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
