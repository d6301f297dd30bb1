package dev.coxswain.apiserver;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.runtime.time.Randomness;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Values that look right, and some that do not. */
final class FuzzValues {
  private static final int DEEP = 6;
  private static final List<String> TEXTS =
      List.of(
          "",
          "a",
          "web-1",
          "1",
          "-1",
          "5%",
          "10Gi",
          "1.5",
          "true",
          "null",
          "10.0.0.0/8",
          "::1",
          "2024-01-01T00:00:00Z",
          "1h",
          "RollingUpdate",
          "Always",
          "TCP",
          "a/b/c",
          "../x",
          "A B",
          "\u00fc\ud83d\ude00",
          "%s",
          "'",
          "\\",
          "\u0000",
          "x".repeat(300),
          "self > 1",
          "[",
          "*");
  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "-1",
          "80",
          "65536",
          "2147483648",
          "9223372036854775807",
          "-9223372036854775808",
          "9223372036854775808",
          "1e400",
          "0.5",
          "1e-9",
          "123456789012345678901234567890");
  private static final List<String> EXPRESSIONS =
      List.of(
          "self",
          "oldSelf",
          "object",
          "oldObject.metadata.name",
          "request.userInfo.groups",
          "params.x",
          "variables.a",
          "namespaceObject.metadata.labels",
          "1",
          "'a'",
          "[1, 2]",
          "{'a': 1}",
          "authorizer",
          "null",
          "0.5",
          "b'x'",
          "u1");
  private static final List<String> SHAPES =
      List.of(
          "%s == %s",
          "%s > %s",
          "has(%s.x) || %s",
          "%s.all(x, x == %s)",
          "%s.map(x, %s).size() > 0",
          "%s + %s",
          "!%s",
          "size(%s) > 1",
          "%s.matches(%s)",
          "quantity(%s).sign() > 0",
          "(%s)[%s]",
          "%s ? %s : true",
          "%s in %s",
          "%s.exists(a, b, a == %s)",
          "%s.?x.orValue(%s)",
          "string(%s).format([%s])",
          "%s.%s",
          "((((%s",
          "%s.join(%s)",
          "ip(%s).family() == %s",
          "%s.sum() > %s",
          "timestamp(%s) > duration(%s)");

  private final Randomness random;

  FuzzValues(Randomness random) {
    this.random = random;
  }

  <T> T pick(List<T> list) {
    return list.get((int) random.below(list.size()));
  }

  String name() {
    return random.chance(0.9)
        ? pick(List.of("a", "b", "c"))
        : pick(List.of("UPPER", "a%2Fb", "..", "x%00", "-", "%"));
  }

  ObjectNode object(ResourceType type) {
    ObjectNode object = value(type.schema(), 0) instanceof ObjectNode made ? made : Json.object();
    if (!random.chance(0.1)) {
      String group = type.kind().group();
      object.put(
          "apiVersion",
          group.isEmpty() ? type.kind().version() : group + "/" + type.kind().version());
      object.put("kind", type.kind().kind());
    }
    if (!random.chance(0.1)) {
      ObjectNode metadata = Json.object();
      metadata.put("name", name());
      if (random.chance(0.2)) {
        mutate(metadata);
      }
      object.set("metadata", metadata);
    }
    return object;
  }

  JsonNode value(@Nullable Schema schema, int depth) {
    if (schema == null || depth > DEEP || random.chance(0.04)) {
      return anything(depth);
    }
    return switch (schema.type()) {
      case OBJECT -> object(schema, depth);
      case ARRAY -> {
        ArrayNode list = Json.array();
        for (long i = random.below(3); i > 0; i--) {
          list.add(value(schema.items(), depth + 1));
        }
        yield list;
      }
      case STRING, QUANTITY -> {
        List<String> allowed = schema.enumValues();
        yield StringNode.valueOf(allowed.isEmpty() ? pick(TEXTS) : pick(allowed));
      }
      case INTEGER -> IntNode.valueOf((int) random.below(200) - 5);
      case NUMBER -> Json.parse(pick(NUMBERS));
      case BOOLEAN -> Json.parse(random.chance(0.5) ? "true" : "false");
      case INT_OR_STRING ->
          random.chance(0.5)
              ? IntNode.valueOf((int) random.below(100))
              : StringNode.valueOf(pick(TEXTS));
      case ANY -> anything(depth);
    };
  }

  private ObjectNode object(Schema schema, int depth) {
    ObjectNode object = Json.object();
    List<String> required = schema.required();
    for (String name : schema.propertyNames()) {
      double chance = required.contains(name) ? 0.95 : depth == 0 ? 0.9 : 0.15;
      if (random.chance(chance)) {
        object.set(name, value(schema.property(name), depth + 1));
      }
    }
    if (schema.values() != null) {
      for (long i = random.below(3); i > 0; i--) {
        object.set(pick(TEXTS), value(schema.values(), depth + 1));
      }
    }
    return object;
  }

  private JsonNode anything(int depth) {
    return switch ((int) random.below(depth > DEEP ? 4 : 6)) {
      case 0 -> StringNode.valueOf(pick(TEXTS));
      case 1 -> number();
      case 2 -> Json.parse("null");
      case 3 -> Json.parse("true");
      case 4 -> Json.array().add(anything(depth + 1)).add(anything(depth + 1));
      default -> Json.object().set(pick(TEXTS), anything(depth + 1));
    };
  }

  private JsonNode number() {
    return Json.parse(pick(NUMBERS));
  }

  /** Changes, adds or takes away something at some depth. */
  void mutate(ObjectNode object) {
    List<ObjectNode> places = new ArrayList<>();
    collect(object, places);
    ObjectNode place = pick(places);
    List<String> names = new ArrayList<>(place.propertyNames());
    if (names.isEmpty() || random.chance(0.2)) {
      place.set(pick(TEXTS), anything(0));
      return;
    }
    String name = pick(names);
    if (name.equals("rule") || name.equals("messageExpression")) {
      place.put(name, expression(0));
    } else if (random.chance(0.3)) {
      place.remove(name);
    } else {
      place.set(name, anything(0));
    }
  }

  private static void collect(JsonNode node, List<ObjectNode> places) {
    if (node instanceof ObjectNode object) {
      places.add(object);
    }
    node.forEach(child -> collect(child, places));
  }

  String expression(int depth) {
    if (depth > 3 || random.chance(0.3)) {
      return pick(EXPRESSIONS);
    }
    String shape = pick(SHAPES);
    return shape.contains("%s.format") || shape.indexOf("%s") == shape.lastIndexOf("%s")
        ? shape.replace("%s", expression(depth + 1))
        : shape.formatted(expression(depth + 1), expression(depth + 1));
  }

  ObjectNode policy() {
    ObjectNode policy = Json.object();
    policy
        .put("apiVersion", "admissionregistration.k8s.io/v1")
        .put("kind", "ValidatingAdmissionPolicy");
    policy.putObject("metadata").put("name", "fuzz");
    ObjectNode spec = policy.putObject("spec");
    ObjectNode rule = spec.putObject("matchConstraints").putArray("resourceRules").addObject();
    for (String field : List.of("apiGroups", "apiVersions", "operations", "resources")) {
      rule.putArray(field).add("*");
    }
    spec.putArray("variables").addObject().put("name", "a").put("expression", expression(0));
    ArrayNode validations = spec.putArray("validations");
    for (int i = 0; i < 3; i++) {
      validations
          .addObject()
          .put("expression", expression(0))
          .put("messageExpression", expression(0));
    }
    return policy;
  }

  ArrayNode operations() {
    ArrayNode operations = Json.array();
    for (long i = random.below(4); i >= 0; i--) {
      ObjectNode operation = operations.addObject();
      operation.put("op", pick(List.of("add", "remove", "replace", "move", "copy", "test", "x")));
      operation.put("path", path());
      operation.put("from", path());
      operation.set("value", anything(0));
    }
    return operations;
  }

  private String path() {
    return pick(
        List.of(
            "",
            "/",
            "/metadata/labels",
            "/metadata/labels/a~1b",
            "/spec",
            "/spec/x/0",
            "/spec/-",
            "/metadata/name",
            "/metadata/finalizers/-",
            "/metadata/ownerReferences",
            "/metadata/managedFields",
            "/status",
            "a",
            "/~",
            "/metadata/generation"));
  }

  ObjectNode deleteOptions() {
    ObjectNode options = Json.object();
    options.put("kind", "DeleteOptions").put("apiVersion", "v1");
    mutate(options);
    return options;
  }
}
