package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of storage classes and of classes of volume attributes: what they say, they say once.
 */
public final class ClassStrategies {
  private static final int MOST_PARAMETERS = 512;
  private static final int MOST_PARAMETER_BYTES = 256 << 10;

  /** Fewer than the schema has, which is one of volumes, too: theirs may say Recycle. */
  private static final Set<String> POLICIES = Set.of("Delete", "Retain");

  private ClassStrategies() {}

  /** Of storage classes. */
  public static StandardStrategy storageClass(Schema schema) {
    return new StandardStrategy(schema, false, false) {
      @Override
      public void fillDefaults(ObjectNode object) {
        Defaults.text(object, "reclaimPolicy", "Delete");
        Defaults.text(object, "volumeBindingMode", "Immediate");
      }

      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        driver(object, "provisioner", errors);
        parameters(object, errors);
        String policy = Json.text(object, "reclaimPolicy");
        if (!POLICIES.contains(policy)) {
          errors.add(FieldError.notSupported("reclaimPolicy", policy, POLICIES));
        }
        topologies(object.path("allowedTopologies"), errors);
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        for (String field : List.of("parameters", "provisioner", "reclaimPolicy")) {
          settled(object, old, field, errors);
        }
        Checks.immutable(
            object.path("volumeBindingMode"),
            old.path("volumeBindingMode"),
            "volumeBindingMode",
            errors);
      }
    };
  }

  /** Of classes of volume attributes. */
  public static StandardStrategy attributesClass(Schema schema) {
    return new StandardStrategy(schema, false, false) {
      @Override
      protected void validateInto(ObjectNode object, List<FieldError> errors) {
        driver(object, "driverName", errors);
        parameters(object, errors);
        if (object.path("parameters").isEmpty()) {
          errors.add(FieldError.required("parameters", "must contain at least one key/value pair"));
        }
      }

      @Override
      protected void validateChangeInto(
          ObjectNode object, ObjectNode old, List<FieldError> errors) {
        settled(object, old, "driverName", errors);
        settled(object, old, "parameters", errors);
      }
    };
  }

  private static void driver(ObjectNode object, String field, List<FieldError> errors) {
    String name = Json.text(object, field).toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      errors.add(FieldError.required(field, ""));
    } else {
      Checks.form(Names.qualifiedName(name), field, name, errors);
    }
  }

  private static void parameters(ObjectNode object, List<FieldError> errors) {
    JsonNode parameters = object.path("parameters");
    if (parameters.size() > MOST_PARAMETERS) {
      errors.add(FieldError.tooLong("parameters", MOST_PARAMETERS));
      return;
    }
    long bytes = 0;
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      if (parameter.getKey().isEmpty()) {
        errors.add(FieldError.invalid("parameters", "", "field can not be empty."));
      }
      bytes += utf8(parameter.getKey()) + utf8(parameter.getValue().asString(""));
    }
    if (bytes > MOST_PARAMETER_BYTES) {
      errors.add(FieldError.tooLong("parameters", MOST_PARAMETER_BYTES));
    }
  }

  private static long utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static void settled(
      ObjectNode object, ObjectNode old, String field, List<FieldError> errors) {
    if (!Json.same(object.path(field), old.path(field))) {
      errors.add(FieldError.forbidden(field, "updates to " + field + " are forbidden."));
    }
  }

  private static void topologies(JsonNode terms, List<FieldError> errors) {
    Set<Map<String, Set<String>>> known = new HashSet<>();
    for (int i = 0; i < terms.size(); i++) {
      String path = "allowedTopologies[" + i + "].matchLabelExpressions";
      Map<String, Set<String>> term = new TreeMap<>();
      JsonNode expressions = terms.get(i).path("matchLabelExpressions");
      for (int j = 0; j < expressions.size(); j++) {
        expression(expressions.get(j), path + "[" + j + "]", term, errors);
      }
      if (!known.add(term)) {
        errors.add(FieldError.duplicate(path, ""));
      }
    }
  }

  private static void expression(
      JsonNode expression, String path, Map<String, Set<String>> term, List<FieldError> errors) {
    String key = expression.path("key").asString("");
    Set<String> values = new TreeSet<>();
    if (expression.path("values").isEmpty()) {
      errors.add(FieldError.required(path + ".values", ""));
    }
    int index = 0;
    for (JsonNode value : expression.path("values")) {
      if (!values.add(value.asString(""))) {
        errors.add(FieldError.duplicate(path + ".values[" + index + "]", value));
      }
      index++;
    }
    if (term.putIfAbsent(key, values) != null) {
      errors.add(FieldError.duplicate(path + ".key", key));
    }
    Checks.form(Names.qualifiedName(key), path + ".key", key, errors);
  }
}
