package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A part of another server's Swagger document: some paths, and the definitions that they need. */
public final class SwaggerPart {
  private static final String REFERENCE = "$ref";
  private static final String DEFINITION = "#/definitions/";
  private static final String PARAMETER = "#/parameters/";

  private SwaggerPart() {}

  /**
   * Cuts out the paths that begin with a prefix.
   *
   * @param prefix {@code /apis/G/V/}
   * @return an object with {@code paths} and {@code definitions}
   */
  public static ObjectNode of(ObjectNode document, String prefix) {
    ObjectNode part = Json.object();
    ObjectNode paths = part.putObject("paths");
    ObjectNode definitions = part.putObject("definitions");
    Deque<JsonNode> open = new ArrayDeque<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      if (path.getKey().startsWith(prefix) && path.getValue() instanceof ObjectNode item) {
        spellOut(item, document.path("parameters"));
        paths.set(path.getKey(), item);
        open.add(item);
      }
    }
    while (!open.isEmpty()) {
      eachReference(
          open.removeFirst(),
          (_, name) -> {
            JsonNode definition = document.path("definitions").path(name);
            if (definition.isObject() && !definitions.has(name)) {
              definitions.set(name, definition);
              open.add(definition);
            }
          });
    }
    return part;
  }

  /** Puts parameters that a document keeps in one place to where they are used. */
  private static void spellOut(JsonNode node, JsonNode shared) {
    if (node instanceof ObjectNode object && object.get("parameters") instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        String reference = Json.text(list.get(i), REFERENCE);
        JsonNode meant =
            reference.startsWith(PARAMETER)
                ? shared.path(reference.substring(PARAMETER.length()))
                : list.get(i);
        if (meant.isObject()) {
          list.set(i, meant);
        }
      }
    }
    node.forEach(child -> spellOut(child, shared));
  }

  /** Gives definitions other names, here and where they are referred to. */
  static void rename(ObjectNode part, Map<String, String> names) {
    if (names.isEmpty() || !(part.get("definitions") instanceof ObjectNode definitions)) {
      return;
    }
    eachReference(
        part,
        (holder, name) -> {
          String renamed = names.get(name);
          if (renamed != null) {
            holder.put(REFERENCE, DEFINITION + renamed);
          }
        });
    names.forEach((name, renamed) -> {
      JsonNode definition = definitions.remove(name);
      if (definition != null) {
        definitions.set(renamed, definition);
      }
    });
  }

  /** Tells each object that refers to a definition, with the definition's name. */
  private static void eachReference(JsonNode node, BiConsumer<ObjectNode, String> seen) {
    String reference = Json.text(node, REFERENCE);
    if (node instanceof ObjectNode holder && reference.startsWith(DEFINITION)) {
      seen.accept(holder, reference.substring(DEFINITION.length()));
    }
    node.forEach(child -> eachReference(child, seen));
  }
}
