package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.WarningHeader;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Accept;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Representation;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Sends objects in the form that the client accepts. */
final class Responses {
  private final Tables tables;

  Responses(Tables tables) {
    this.tables = tables;
  }

  static Accept accept(ApiRequest request) {
    return Accept.parse(String.join(",", request.http().headers("Accept")));
  }

  /**
   * Refuses a client that wants nothing but tables or metadata of an answer that has neither.
   *
   * @throws ApiException with reason {@code NotAcceptable}
   */
  static void mustTakeWhole(ApiRequest request) {
    Accept.parse(String.join(",", request.http().headers("Accept")), Set.of(Accept.Form.OBJECT));
  }

  /** The form of single objects for a client. */
  Representation form(ResourceType type, Accept accept, ApiRequest request) {
    return switch (accept.form()) {
      case OBJECT -> Served.whole(type);
      case METADATA -> Served.metadata(accept.apiVersion());
      case TABLE -> tables.single(type, rows(request, accept));
    };
  }

  private static Tables.Style rows(ApiRequest request, Accept accept) {
    return new Tables.Style(accept.apiVersion(), request.query().text("includeObject"));
  }

  /** Answers with one object. */
  void object(
      ApiRequest request, int status, ResourceType type, CachedObject object, List<String> warnings)
      throws InterruptedException {
    try (var _ = RequestTrace.enter(Stage.ENCODING)) {
      Accept accept = accept(request);
      json(request, status, object.as(form(type, accept, request)), accept, warnings);
    }
  }

  /** Answers with one tree. */
  void tree(ApiRequest request, int status, ObjectNode tree, List<String> warnings)
      throws InterruptedException {
    try (var _ = RequestTrace.enter(Stage.ENCODING)) {
      json(request, status, Json.bytes(tree), accept(request), warnings);
    }
  }

  private static void json(
      ApiRequest request, int status, byte[] json, Accept accept, List<String> warnings)
      throws InterruptedException {
    Answer answer =
        accept.yaml()
            ? new Answer(status, "application/yaml", Map.of(), List.of(BodyReader.toYaml(json)))
            : Answer.json(status, json);
    request.exchange().answer(withWarnings(answer, warnings));
  }

  private static Answer withWarnings(Answer answer, List<String> warnings) {
    if (warnings.isEmpty()) {
      return answer;
    }
    List<String> values = warnings.stream().distinct().map(WarningHeader::value).toList();
    return answer.with(WarningHeader.NAME, values);
  }

  /**
   * Answers with a list.
   *
   * @param metadata the list's metadata
   */
  void list(ApiRequest request, ResourceType type, ObjectNode metadata, List<CachedObject> objects)
      throws InterruptedException {
    try (var _ = RequestTrace.enter(Stage.ENCODING)) {
      encoded(request, type, metadata, objects);
    }
  }

  private void encoded(
      ApiRequest request, ResourceType type, ObjectNode metadata, List<CachedObject> objects)
      throws InterruptedException {
    Accept accept = accept(request);
    if (accept.form() == Accept.Form.TABLE) {
      ObjectNode table = tables.list(type, metadata, objects, rows(request, accept));
      json(request, 200, Json.bytes(table), accept, List.of());
      return;
    }
    boolean partial = accept.form() == Accept.Form.METADATA;
    byte[] head =
        partial
            ? Served.listHead("PartialObjectMetadataList", accept.apiVersion(), metadata)
            : Served.listHead(type.listKind(), type.kind().apiVersion(), metadata);
    Representation form = partial ? Served.metadata(accept.apiVersion()) : Served.whole(type);
    List<byte[]> pieces = new ArrayList<>(objects.size() * 2 + 2);
    pieces.add(head);
    for (byte[] object : form.all(objects)) {
      if (pieces.size() > 1) {
        pieces.add(Served.LIST_MARKS.getFirst());
      }
      pieces.add(object);
    }
    pieces.add(Served.LIST_MARKS.getLast());
    if (accept.yaml()) {
      json(request, 200, join(pieces), accept, List.of());
    } else {
      pieces.add(Answer.newline());
      request.exchange().answer(new Answer(200, Answer.JSON, Map.of(), pieces));
    }
  }

  private static byte[] join(List<byte[]> pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    pieces.forEach(piece -> all.write(piece, 0, piece.length));
    return all.toByteArray();
  }
}
