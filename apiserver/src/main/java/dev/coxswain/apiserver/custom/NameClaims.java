package dev.coxswain.apiserver.custom;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Which of the names that a definition asks for it gets: those that no other of its group has. */
final class NameClaims {
  private final Set<String> resources = new HashSet<>();
  private final Set<String> kinds = new HashSet<>();

  /** The names that the definitions of a group have been given. */
  NameClaims(Iterable<ObjectNode> definitions, String group) {
    for (ObjectNode definition : definitions) {
      if (!Json.text(definition, "spec", "group").equals(group)) {
        continue;
      }
      JsonNode names = Json.at(definition, "status", "acceptedNames");
      resources.add(Json.text(names, "plural"));
      resources.add(Json.text(names, "singular"));
      names.path("shortNames").forEach(name -> resources.add(name.asString("")));
      kinds.add(Json.text(names, "kind"));
      kinds.add(Json.text(names, "listKind"));
    }
  }

  /**
   * What a definition gets.
   *
   * @param names its accepted names from now on
   * @param condition whether they are all that it asked for
   */
  record Outcome(ObjectNode names, Condition condition) {}

  Outcome judge(ObjectNode definition) {
    JsonNode wanted = Json.at(definition, "spec", "names");
    JsonNode accepted = Json.at(definition, "status", "acceptedNames");
    ObjectNode names = accepted instanceof ObjectNode given ? given.deepCopy() : Json.object();
    Condition condition =
        new Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found");
    for (Field field : FIELDS) {
      String name = Json.text(wanted, field.name);
      Set<String> used = field.kind ? kinds : resources;
      if (!name.equals(Json.text(accepted, field.name)) && used.contains(name)) {
        condition = conflict(field.reason, "\"" + name + "\" is already in use");
      } else {
        names.put(field.name, name);
      }
    }
    List<String> taken = new ArrayList<>();
    for (JsonNode name : wanted.path("shortNames")) {
      boolean own = false;
      for (JsonNode one : accepted.path("shortNames")) {
        own |= one.equals(name);
      }
      if (!own && resources.contains(name.asString(""))) {
        taken.add("\"" + name.asString("") + "\" is already in use");
      }
    }
    if (taken.isEmpty()) {
      copy(wanted, names, "shortNames");
    } else {
      String all = taken.size() == 1 ? taken.getFirst() : "[" + String.join(", ", taken) + "]";
      condition = conflict("ShortNamesConflict", all);
    }
    copy(wanted, names, "categories");
    return new Outcome(names, condition);
  }

  private record Field(String name, String reason, boolean kind) {}

  private static final List<Field> FIELDS =
      List.of(
          new Field("plural", "PluralConflict", false),
          new Field("singular", "SingularConflict", false),
          new Field("kind", "KindConflict", true),
          new Field("listKind", "ListKindConflict", true));

  private static Condition conflict(String reason, String message) {
    return new Condition("NamesAccepted", "False", reason, message);
  }

  private static void copy(JsonNode from, ObjectNode to, String field) {
    if (from.path(field).isEmpty()) {
      to.remove(field);
    } else {
      to.set(field, from.path(field).deepCopy());
    }
  }
}
