package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.openapi.ForeignSpecs;
import dev.coxswain.apiserver.openapi.SwaggerPart;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAPI that the servers behind this one tell of. What was told stays while a server is away,
 * and goes with its APIService. Written by one thread, that of the Aggregator.
 */
final class ServedSpecs implements ForeignSpecs {
  private static final Logger log = LoggerFactory.getLogger(ServedSpecs.class);
  private static final String INDEX = "/openapi/v3";

  private static final UserInfo ASKER =
      UserInfo.of("system:aggregator", List.of(UserInfo.AUTHENTICATED));

  private final BackendReader reader;
  private final Map<Aggregated, Spec> known = new HashMap<>();
  private volatile Published published = new Published(0, List.of());

  private record Published(long generation, List<Spec> specs) {}

  ServedSpecs(BackendReader reader) {
    this.reader = reader;
  }

  @Override
  public long generation() {
    return published.generation();
  }

  @Override
  public List<Spec> specs() {
    return published.specs();
  }

  /** What a server told the last time; null where it has told nothing. */
  @Nullable Spec told(Aggregated service) {
    return known.get(service);
  }

  /** Whether a server describes itself in the older form alone; in any thread. */
  boolean onlySwagger(Aggregated service) {
    String path = service.path().substring(1);
    return published.specs().stream()
        .anyMatch(spec -> spec.path().equals(path) && spec.onlySwagger());
  }

  /** Remembers what a server tells. */
  void learn(Aggregated service, Spec spec) {
    known.put(service, spec);
  }

  /**
   * Asks a server that answers, in any thread.
   *
   * @param before what it told the last time
   * @param changed whether it served something else before, or was away
   * @return what it tells; null where that is nothing new
   */
  @Nullable Spec read(Aggregated service, @Nullable Spec before, boolean changed)
      throws InterruptedException {
    try {
      String url = url(service);
      if (before != null && before.url().equals(url) && !changed) {
        return null;
      }
      return new Spec(service.path().substring(1), url, swagger(service));
    } catch (IOException | ApiException | JacksonException | IllegalArgumentException e) {
      // What was told before stays, and it is asked again with the next check.
      log.info("{}: its OpenAPI cannot be read: {}", service.name(), e.getMessage());
      return null;
    }
  }

  /** Where the document of the version is; empty where the server has none. */
  private String url(Aggregated service) throws IOException, InterruptedException {
    JsonNode entry =
        read(service, INDEX)
            .map(index -> index.path("paths").path(service.path().substring(1)))
            .orElse(Json.object());
    String url = Json.text(entry, "serverRelativeURL");
    return url.startsWith(INDEX + service.path()) ? url : "";
  }

  private @Nullable Document swagger(Aggregated service) throws IOException, InterruptedException {
    ObjectNode part =
        read(service, "/openapi/v2")
            .map(document -> SwaggerPart.of(document, service.path() + "/"))
            .orElse(Json.object());
    return part.path("paths").isEmpty()
        ? null
        : Document.compressed("application/json", out -> out.write(Json.bytes(part)));
  }

  /** Reads a document; empty where the server has none. */
  private Optional<ObjectNode> read(Aggregated service, String path)
      throws IOException, InterruptedException {
    try (Caller.Reply reply = reader.get(service, path, ASKER)) {
      return switch (reply.status()) {
        case 200 -> Optional.of(Json.parseObject(reply.body()));
        case 404 -> Optional.empty();
        default -> throw new IOException(path + " answered " + reply.status());
      };
    }
  }

  /** Tells what was found of these, and of no others any more. */
  void publish(Collection<Aggregated> services) {
    known.keySet().retainAll(services);
    List<Spec> specs =
        services.stream()
            .map(known::get)
            .flatMap(spec -> Optional.ofNullable(spec).stream())
            .toList();
    if (!specs.equals(published.specs())) {
      published = new Published(published.generation() + 1, specs);
    }
  }
}
