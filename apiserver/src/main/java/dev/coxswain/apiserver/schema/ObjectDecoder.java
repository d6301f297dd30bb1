package dev.coxswain.apiserver.schema;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads an object by its shape, as a typed server does: fields that are not declared are dropped
 * and reported, nulls count as absent, quantities and times come out in canonical form, and a value
 * of the wrong type is an error.
 */
public final class ObjectDecoder {
  /** Most problems that are reported of one object. */
  public static final int MAXIMUM_PROBLEMS = 100;

  private static final String DUPLICATE = "duplicate field";

  private final JsonParser parser;
  private final List<String> problems = new ArrayList<>();

  /**
   * A read object.
   *
   * @param object what is left of it
   * @param problems unknown and duplicate fields, such as {@code unknown field "spec.foo"}; at most
   *     {@link #MAXIMUM_PROBLEMS}
   * @param repeated the keys that stand twice in a YAML document, which {@link YamlKeys} finds
   */
  public record Decoded(ObjectNode object, List<String> problems, List<String> repeated) {
    public Decoded {
      problems = List.copyOf(problems);
      repeated = List.copyOf(repeated);
    }

    /** What was read of no YAML. */
    public Decoded(ObjectNode object, List<String> problems) {
      this(object, problems, List.of());
    }

    /** All that is wrong, each as a warning of its own. */
    public List<String> warnings() {
      return Stream.concat(repeated.stream(), problems.stream()).toList();
    }

    /** With what was found wrong before. */
    public Decoded after(List<String> earlier) {
      return new Decoded(
          object, Stream.concat(earlier.stream(), problems.stream()).toList(), repeated);
    }

    /** The text of the 400 that strict validation answers with; empty where nothing is wrong. */
    public String strictMessage() {
      List<String> parts = new ArrayList<>(problems);
      if (!repeated.isEmpty()) {
        parts.addFirst("yaml: unmarshal errors:\n  " + String.join("\n  ", repeated));
      }
      return parts.isEmpty() ? "" : "strict decoding error: " + String.join(", ", parts);
    }
  }

  private ObjectDecoder(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Reads JSON.
   *
   * @throws MalformedObjectException where it is no JSON, or a value has the wrong type
   */
  public static Decoded decode(byte[] json, Schema schema) {
    try (JsonParser parser = Input.json(json)) {
      return decode(parser, schema);
    } catch (JacksonException malformed) {
      throw malformed(malformed);
    }
  }

  /** Reads YAML in the same way; of keys that stand twice the line is told, and not the field. */
  public static Decoded decodeYaml(byte[] yaml, Schema schema) {
    try (JsonParser parser = Input.yaml(yaml)) {
      Decoded decoded = decode(parser, schema);
      return new Decoded(
          decoded.object(),
          decoded.problems().stream().filter(problem -> !problem.startsWith(DUPLICATE)).toList(),
          YamlKeys.duplicates(yaml));
    } catch (JacksonException malformed) {
      throw malformed(malformed);
    }
  }

  /** Checks a tree that was parsed or patched before; the tree itself is not changed. */
  public static Decoded decode(ObjectNode tree, Schema schema) {
    try (JsonParser parser = tree.traverse(ObjectReadContext.empty())) {
      return decode(parser, schema);
    } catch (JacksonException malformed) {
      throw malformed(malformed);
    }
  }

  /**
   * Reads the next value of a parser, of JSON or YAML, and expects nothing to follow.
   *
   * @throws MalformedObjectException where it is malformed, or a value has the wrong type
   */
  public static Decoded decode(JsonParser parser, Schema schema) {
    try {
      ObjectDecoder decoder = new ObjectDecoder(parser);
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw new MalformedObjectException(
            "json: cannot unmarshal " + jsonName(first) + " into Go value of type map");
      }
      ObjectNode object = decoder.object(schema, FieldPath.root(), "");
      if (parser.nextToken() != null) {
        throw new MalformedObjectException("invalid data after top-level value");
      }
      return new Decoded(object, decoder.problems);
    } catch (JacksonException malformed) {
      throw malformed(malformed);
    }
  }

  private static MalformedObjectException malformed(JacksonException failure) {
    var location = failure.getLocation();
    String where =
        location == null
            ? ""
            : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    return new MalformedObjectException(failure.getOriginalMessage() + where, failure);
  }

  /** The current token as a value of this shape; null where it counts as absent. */
  private @Nullable JsonNode value(Schema schema, FieldPath path, String owner) {
    JsonToken token = parser.currentToken();
    if (schema.keepsOtherTypes()) {
      return switch (token) {
        case START_OBJECT -> object(schema, path, owner);
        case START_ARRAY -> list(schema, path, owner);
        default -> free(path);
      };
    }
    if (schema.type() == Schema.Type.ANY) {
      return token == JsonToken.START_OBJECT ? object(schema, path, owner) : free(path);
    }
    if (token == JsonToken.VALUE_NULL) {
      return schema.nullable() ? NullNode.getInstance() : null;
    }
    return switch (schema.type()) {
      case ANY -> throw new AssertionError("handled above");
      case OBJECT -> {
        require(token == JsonToken.START_OBJECT, schema, path, owner);
        yield object(schema, path, typeName(schema, owner));
      }
      case ARRAY -> {
        require(token == JsonToken.START_ARRAY, schema, path, owner);
        yield list(schema, path, owner);
      }
      case STRING -> {
        require(token == JsonToken.VALUE_STRING, schema, path, owner);
        yield StringNode.valueOf(Formats.canonical(schema.format(), parser.getString(), path));
      }
      case BOOLEAN -> {
        boolean isBoolean = token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
        require(isBoolean, schema, path, owner);
        yield free(path);
      }
      case INTEGER -> {
        require(token == JsonToken.VALUE_NUMBER_INT, schema, path, owner);
        JsonNode number = free(path);
        boolean fits =
            schema.format().equals("int32") ? number.canConvertToInt() : number.canConvertToLong();
        if (!fits) {
          throw mismatch("number " + number, schema, path, owner);
        }
        yield number;
      }
      case NUMBER -> {
        boolean isNumber =
            token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
        require(isNumber, schema, path, owner);
        yield free(path);
      }
      case INT_OR_STRING -> intOrString(schema, path, owner);
      case QUANTITY -> quantity(schema, path, owner);
    };
  }

  private JsonNode intOrString(Schema schema, FieldPath path, String owner) {
    JsonNode value = free(path);
    if (value.isString() || (value.isIntegralNumber() && value.canConvertToInt())) {
      return value;
    }
    throw mismatch(jsonName(parser.currentToken()), schema, path, owner);
  }

  private JsonNode quantity(Schema schema, FieldPath path, String owner) {
    JsonToken token = parser.currentToken();
    require(token == JsonToken.VALUE_STRING || token.isNumeric(), schema, path, owner);
    return StringNode.valueOf(Formats.quantity(parser.getString()));
  }

  private void require(boolean holds, Schema schema, FieldPath path, String owner) {
    if (!holds) {
      throw mismatch(jsonName(parser.currentToken()), schema, path, owner);
    }
  }

  private static MalformedObjectException mismatch(
      String found, Schema schema, FieldPath path, String owner) {
    return new MalformedObjectException(
        "json: cannot unmarshal "
            + found
            + " into Go struct field "
            + (owner.isEmpty() ? "" : owner + ".")
            + path.withoutIndexes()
            + " of type "
            + Formats.languageType(schema));
  }

  private static String typeName(Schema schema, String otherwise) {
    return BuiltinSchemas.reference(schema)
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .orElse(otherwise);
  }

  private ObjectNode object(Schema schema, FieldPath path, String owner) {
    ObjectNode object = Json.object();
    Schema values = schema.values();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      FieldPath child = path.field(name);
      if (object.has(name)) {
        problem(DUPLICATE, child);
      }
      Schema property = values != null ? values : schema.property(name);
      if (property == null) {
        unknown(schema, object, name, child);
        continue;
      }
      JsonNode value = value(property, child, owner);
      if (value != null) {
        object.set(name, value);
      } else if (values != null) {
        zero(property, object, name);
      }
    }
    return object;
  }

  private void unknown(Schema schema, ObjectNode object, String name, FieldPath path) {
    if (schema.preservesUnknown()) {
      object.set(name, free(path));
    } else {
      problem("unknown field", path);
      parser.skipChildren();
    }
  }

  /** A null in a map stands for the zero value where that is a text, and for nothing elsewhere. */
  private static void zero(Schema schema, ObjectNode object, String name) {
    if (schema.type() == Schema.Type.STRING) {
      object.put(name, "");
    }
  }

  private ArrayNode list(Schema schema, FieldPath path, String owner) {
    ArrayNode list = Json.array();
    Schema items = schema.items();
    Schema shape = items == null ? Schema.anything() : items;
    int index = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonNode element = value(shape, path.element(index), owner);
      if (element != null) {
        list.add(element);
      } else if (shape.type() == Schema.Type.OBJECT) {
        list.addObject();
      } else {
        list.add("");
      }
      index++;
    }
    return list;
  }

  /** The current value whatever it is. */
  private JsonNode free(FieldPath path) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(Schema.anything(), path, "");
      case START_ARRAY -> {
        ArrayNode list = Json.array();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(free(path.element(list.size())));
        }
        yield list;
      }
      default -> scalar(parser);
    };
  }

  /** The current value, which holds no others. */
  static JsonNode scalar(JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_STRING -> StringNode.valueOf(parser.getString());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> decimal(parser);
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      default -> NullNode.getInstance();
    };
  }

  private static JsonNode decimal(JsonParser parser) {
    if (parser.isNaN()) {
      // YAML has words for what is no number, JSON has not.
      throw new StreamReadException(parser, "json: unsupported value: " + parser.getString());
    }
    return DecimalNode.valueOf(parser.getDecimalValue());
  }

  private static JsonNode integer(JsonParser parser) {
    return switch (parser.getNumberType()) {
      case INT -> IntNode.valueOf(parser.getIntValue());
      case LONG -> LongNode.valueOf(parser.getLongValue());
      case BIG_INTEGER, BIG_DECIMAL, FLOAT, DOUBLE ->
          BigIntegerNode.valueOf(parser.getBigIntegerValue());
    };
  }

  private void problem(String what, FieldPath path) {
    if (problems.size() < MAXIMUM_PROBLEMS) {
      String problem = what + " \"" + path + "\"";
      if (!problems.contains(problem)) {
        problems.add(problem);
      }
    }
  }

  private static String jsonName(@Nullable JsonToken token) {
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT, END_OBJECT, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT -> "object";
      case START_ARRAY, END_ARRAY -> "array";
      case VALUE_STRING -> "string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "number";
      case VALUE_TRUE, VALUE_FALSE -> "bool";
      case VALUE_NULL, NOT_AVAILABLE -> "null";
    };
  }
}
