package dev.coxswain.apiserver.structural;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks values against a schema. On an update, what did not change is not checked again, so that a
 * rule that was added later does not lock objects that were made before it.
 */
public final class SchemaValidator {
  private final StructuralSchema root;

  /** A validator of values of this schema. */
  public SchemaValidator(StructuralSchema root) {
    this.root = root;
  }

  /**
   * What is wrong with a value.
   *
   * @param path where it stands, such as {@code status}; empty for a whole object
   * @param old what stood there before; null where there was nothing
   */
  public List<FieldError> validate(String path, JsonNode value, @Nullable JsonNode old) {
    List<FieldError> errors = new ArrayList<>();
    check(root, value, old, path, errors);
    return List.copyOf(new LinkedHashSet<>(errors));
  }

  private static void check(
      StructuralSchema schema,
      JsonNode value,
      @Nullable JsonNode old,
      String path,
      List<FieldError> errors) {
    if (old != null && Json.same(value, old)) {
      return;
    }
    if (!rules(schema.rules(), value, path, errors)) {
      return;
    }
    if (value instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        StructuralSchema child = schema.field(entry.getKey());
        if (child != null) {
          JsonNode before = old == null ? null : old.get(entry.getKey());
          check(child, entry.getValue(), before, join(path, entry.getKey()), errors);
        }
      }
    } else if (value.isArray() && schema.items() != null) {
      int index = 0;
      for (JsonNode element : value) {
        JsonNode before = old == null ? null : ListKeys.counterpart(schema, element, old);
        check(schema.items(), element, before, path + "[" + index++ + "]", errors);
      }
    }
  }

  static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Checks one value; false where it is of the wrong type, so that nothing more can be said. */
  private static boolean rules(
      ValueRules rules, JsonNode value, String path, List<FieldError> errors) {
    if (value.isNull()) {
      if (rules.nullable() || rules.types().isEmpty()) {
        return false;
      }
      errors.add(wrongType(path, String.join(",", rules.types()), "null"));
      return false;
    }
    if (!rules.types().isEmpty() && rules.types().stream().noneMatch(type -> is(type, value))) {
      errors.add(wrongType(path, String.join(",", rules.types()), typeOf(value)));
      return false;
    }
    int before = errors.size();
    if (value.isString()) {
      text(rules, value.asString(), path, errors);
    } else if (value.isNumber()) {
      number(rules, value, path, errors);
    } else if (value.isArray()) {
      size(rules, value, "Items", "items", path, errors);
    } else if (value.isObject()) {
      size(rules, value, "Properties", "properties", path, errors);
      for (String name : rules.required()) {
        if (!value.has(name)) {
          errors.add(FieldError.required(join(path, name), ""));
        }
      }
    }
    if (!rules.allowed().isEmpty()
        && rules.allowed().stream().noneMatch(allowed -> Json.same(allowed, value))) {
      errors.add(unsupported(rules.allowed(), value, path));
    }
    junctors(rules, value, path, errors);
    nested(rules, value, path, errors);
    return errors.size() == before || value.isContainer();
  }

  /** What rules within anyOf and its like say of properties and elements. */
  private static void nested(
      ValueRules rules, JsonNode value, String path, List<FieldError> errors) {
    if (value instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        ValueRules child = rules.properties().getOrDefault(entry.getKey(), rules.additional());
        if (child != null) {
          rules(child, entry.getValue(), join(path, entry.getKey()), errors);
        }
      }
    } else if (value.isArray() && rules.items() != null) {
      int index = 0;
      for (JsonNode element : value) {
        rules(rules.items(), element, path + "[" + index++ + "]", errors);
      }
    }
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "boolean" -> value.isBoolean();
      case "integer" -> whole(value);
      case "number" -> value.isNumber();
      default -> true;
    };
  }

  private static boolean whole(JsonNode value) {
    return value.isIntegralNumber()
        || (value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0);
  }

  private static String typeOf(JsonNode value) {
    return value.isNumber() ? (whole(value) ? "integer" : "number") : Json.typeName(value);
  }

  private static FieldError wrongType(String path, String wanted, String found) {
    return FieldError.typeInvalid(
        path, found, path + " in body must be of type " + wanted + ": \"" + found + "\"");
  }

  private static FieldError unsupported(List<JsonNode> allowed, JsonNode value, String path) {
    StringBuilder detail = new StringBuilder("supported values: ");
    for (JsonNode one : allowed) {
      if (detail.charAt(detail.length() - 1) == '"') {
        detail.append(", ");
      }
      detail.append('"').append(one.isString() ? one.asString() : one.toString()).append('"');
    }
    return new FieldError(FieldError.Type.NOT_SUPPORTED, path, value.toString(), detail.toString());
  }

  private static void text(ValueRules rules, String text, String path, List<FieldError> errors) {
    int length = text.codePointCount(0, text.length());
    BigDecimal maximum = rules.bound("maxLength");
    if (maximum != null && length > maximum.intValue()) {
      errors.add(FieldError.tooLong(path, maximum.intValue()));
    }
    BigDecimal minimum = rules.bound("minLength");
    if (minimum != null && length < minimum.intValue()) {
      invalid(path, text, "should be at least " + minimum.intValue() + " chars long", errors);
    }
    if (rules.pattern() != null && !rules.pattern().matcher(text).find()) {
      invalid(path, text, "should match '" + rules.patternText() + "'", errors);
    }
    if (!rules.format().isEmpty() && !StringFormats.matches(rules.format(), text)) {
      errors.add(
          FieldError.typeInvalid(
              path,
              text,
              path + " in body must be of type " + rules.format() + ": \"" + text + "\""));
    }
  }

  private static void invalid(String path, Object value, String problem, List<FieldError> errors) {
    errors.add(FieldError.invalid(path, value, path + " in body " + problem));
  }

  private static void number(
      ValueRules rules, JsonNode value, String path, List<FieldError> errors) {
    BigDecimal number = value.decimalValue();
    BigDecimal maximum = rules.bound("maximum");
    if (maximum != null) {
      int order = number.compareTo(maximum);
      if (rules.exclusiveMaximum() && order >= 0) {
        invalid(path, value, "should be less than " + plain(maximum), errors);
      } else if (order > 0) {
        invalid(path, value, "should be less than or equal to " + plain(maximum), errors);
      }
    }
    BigDecimal minimum = rules.bound("minimum");
    if (minimum != null) {
      int order = number.compareTo(minimum);
      if (rules.exclusiveMinimum() && order <= 0) {
        invalid(path, value, "should be greater than " + plain(minimum), errors);
      } else if (order < 0) {
        invalid(path, value, "should be greater than or equal to " + plain(minimum), errors);
      }
    }
    BigDecimal factor = rules.bound("multipleOf");
    if (factor != null && factor.signum() != 0 && number.remainder(factor).signum() != 0) {
      invalid(path, value, "should be a multiple of " + plain(factor), errors);
    }
    boolean fits =
        switch (rules.format()) {
          case "int32" -> value.canConvertToInt();
          case "int64" -> value.canConvertToLong();
          default -> true;
        };
    if (!fits) {
      invalid(path, value, "must be of type " + rules.format() + ": " + value, errors);
    }
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  private static void size(
      ValueRules rules,
      JsonNode value,
      String keyword,
      String noun,
      String path,
      List<FieldError> errors) {
    BigDecimal maximum = rules.bound("max" + keyword);
    if (maximum != null && value.size() > maximum.intValue()) {
      errors.add(FieldError.tooMany(path, value.size(), maximum.intValue()));
    }
    BigDecimal minimum = rules.bound("min" + keyword);
    if (minimum != null && value.size() < minimum.intValue()) {
      invalid(path, value, "should have at least " + minimum.intValue() + " " + noun, errors);
    }
  }

  /** The messages about several schemas name no field: the path stands within the text. */
  private static void junctors(
      ValueRules rules, JsonNode value, String path, List<FieldError> errors) {
    if (!rules.all().isEmpty()) {
      int valid = 0;
      for (ValueRules one : rules.all()) {
        List<FieldError> found = problems(one, value, path);
        errors.addAll(found);
        valid += found.isEmpty() ? 1 : 0;
      }
      if (valid < rules.all().size()) {
        String none = valid == 0 ? ". None validated" : "";
        errors.add(unplaced(path, "must validate all the schemas (allOf)" + none));
      }
    }
    if (!rules.any().isEmpty()) {
      List<List<FieldError>> found = each(rules.any(), value, path);
      if (found.stream().noneMatch(List::isEmpty)) {
        errors.add(unplaced(path, "must validate at least one schema (anyOf)"));
        errors.addAll(best(found));
      }
    }
    if (!rules.one().isEmpty()) {
      List<List<FieldError>> found = each(rules.one(), value, path);
      long valid = found.stream().filter(List::isEmpty).count();
      if (valid != 1) {
        String count = valid == 0 ? "Found none valid" : "Found " + valid + " valid alternatives";
        errors.add(unplaced(path, "must validate one and only one schema (oneOf). " + count));
        if (valid == 0) {
          errors.addAll(best(found));
        }
      }
    }
    if (rules.not() != null && problems(rules.not(), value, path).isEmpty()) {
      errors.add(unplaced(path, "must not validate the schema (not)"));
    }
  }

  private static List<List<FieldError>> each(List<ValueRules> rules, JsonNode value, String path) {
    return rules.stream().map(one -> problems(one, value, path)).toList();
  }

  private static List<FieldError> problems(ValueRules rules, JsonNode value, String path) {
    List<FieldError> errors = new ArrayList<>();
    rules(rules, value, path, errors);
    return errors;
  }

  private static List<FieldError> best(List<List<FieldError>> found) {
    List<FieldError> best = found.getFirst();
    for (List<FieldError> one : found) {
      best = one.size() < best.size() ? one : best;
    }
    return best;
  }

  private static FieldError unplaced(String path, String problem) {
    return FieldError.invalid("<nil>", "", "\"" + path + "\" " + problem);
  }
}
