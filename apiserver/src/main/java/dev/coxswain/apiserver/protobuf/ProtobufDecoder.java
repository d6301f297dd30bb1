package dev.coxswain.apiserver.protobuf;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.schema.Input;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Decodes the binary form: four magic bytes, then an envelope with the type and the bytes of the
 * message. The outcome is what the same client would have sent as JSON: zero scalars that say
 * nothing are left out. Fields that this server does not know are dropped, as with any binary
 * client newer than its server.
 */
public final class ProtobufDecoder {
  /** The media type. */
  public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

  /** Deepest nesting that is read, in messages. */
  private static final int DEPTH = 100;

  private static final byte[] MAGIC = {'k', '8', 's', 0};
  private static final int ENVELOPE_TYPE = 1;
  private static final int ENVELOPE_RAW = 2;
  private static final int TYPE_API_VERSION = 1;
  private static final int TYPE_KIND = 2;
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final MessageShapes shapes;
  private int depth;
  private int values;

  private ProtobufDecoder(MessageShapes shapes) {
    this.shapes = shapes;
  }

  /**
   * Decodes a request body.
   *
   * @throws ApiException {@code BadRequest} where it is malformed, {@code UnsupportedMediaType}
   *     where the kind has no binary form here
   */
  public static ObjectNode decode(byte[] body) {
    try {
      return new ProtobufDecoder(MessageShapes.get()).envelope(body);
    } catch (IOException
        | IllegalArgumentException
        | JacksonException
        | java.time.DateTimeException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  private static ApiException malformed(String why) {
    return new ApiException(
        StatusReason.BAD_REQUEST,
        "the object provided is unrecognized: couldn't parse protobuf: " + why);
  }

  private ObjectNode envelope(byte[] body) throws IOException {
    if (body.length < MAGIC.length
        || !java.util.Arrays.equals(body, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw malformed("the magic bytes are missing");
    }
    CodedInputStream in =
        CodedInputStream.newInstance(body, MAGIC.length, body.length - MAGIC.length);
    String apiVersion = "";
    String kind = "";
    byte[] raw = new byte[0];
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case ENVELOPE_TYPE -> {
          CodedInputStream type = CodedInputStream.newInstance(in.readByteArray());
          for (int inner = type.readTag(); inner != 0; inner = type.readTag()) {
            switch (WireFormat.getTagFieldNumber(inner)) {
              case TYPE_API_VERSION -> apiVersion = type.readStringRequireUtf8();
              case TYPE_KIND -> kind = type.readStringRequireUtf8();
              default -> type.skipField(inner);
            }
          }
        }
        case ENVELOPE_RAW -> raw = in.readByteArray();
        default -> in.skipField(tag);
      }
    }
    Optional<MessageShape> shape = shapes.find(GroupVersionKind.of(apiVersion, kind));
    if (shape.isEmpty()) {
      throw new ApiException(
          StatusReason.UNSUPPORTED_MEDIA_TYPE,
          kind
              + " in "
              + apiVersion
              + " is not read in binary form here; send it as application/json");
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", apiVersion).put("kind", kind);
    fill(object, CodedInputStream.newInstance(raw), shape.get());
    return object;
  }

  private void fill(ObjectNode object, CodedInputStream in, MessageShape shape) throws IOException {
    if (++depth > DEPTH) {
      throw malformed("nested more than " + DEPTH + " deep");
    }
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      count();
      FieldShape field = shape.fields().get(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        in.skipField(tag);
      } else if (field.inline()) {
        fill(object, CodedInputStream.newInstance(in.readByteArray()), shapes.at(field.message()));
      } else if (field.map()) {
        entry(object.withObjectProperty(field.name()), in, field);
      } else if (field.repeated()) {
        elements(object.withArrayProperty(field.name()), in, tag, field);
      } else {
        JsonNode value = value(in, field);
        if (!value.isNull() && (keepsZero(field) || !isZero(value))) {
          object.set(field.name(), value);
        }
      }
    }
    depth--;
  }

  /** A message that is there says something, whatever is in it: {@code maxUnavailable} may be 0. */
  private static boolean keepsZero(FieldShape field) {
    return field.keepZero() || field.type() == FieldType.MESSAGE;
  }

  /** A value of two bytes takes a hundred in memory. */
  private void count() {
    if (++values > Input.MAXIMUM_TOKENS) {
      throw malformed("more than " + Input.MAXIMUM_TOKENS + " values");
    }
  }

  private void elements(ArrayNode array, CodedInputStream in, int tag, FieldShape field)
      throws IOException {
    boolean scalar =
        field.type() != FieldType.MESSAGE
            && field.type() != FieldType.STRING
            && field.type() != FieldType.BYTES;
    if (scalar && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      CodedInputStream packed = CodedInputStream.newInstance(in.readByteArray());
      while (!packed.isAtEnd()) {
        count();
        array.add(value(packed, field));
      }
    } else {
      array.add(value(in, field));
    }
  }

  /** One entry of a map: a message of a key and a value. */
  private void entry(ObjectNode map, CodedInputStream in, FieldShape field) throws IOException {
    CodedInputStream entry = CodedInputStream.newInstance(in.readByteArray());
    String key = "";
    JsonNode value = empty(field);
    for (int tag = entry.readTag(); tag != 0; tag = entry.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> key = entry.readStringRequireUtf8();
        case 2 -> value = value(entry, field);
        default -> entry.skipField(tag);
      }
    }
    map.set(key, value);
  }

  private JsonNode empty(FieldShape field) {
    return switch (field.type()) {
      case STRING, BYTES -> JsonNodeFactory.instance.stringNode("");
      case BOOL -> JsonNodeFactory.instance.booleanNode(false);
      case INTEGER -> JsonNodeFactory.instance.numberNode(0);
      case DOUBLE -> JsonNodeFactory.instance.numberNode(0.0);
      case MESSAGE ->
          switch (shapes.at(field.message()).form()) {
            case STRING -> JsonNodeFactory.instance.stringNode("0");
            case LIST -> JsonNodeFactory.instance.arrayNode();
            case OBJECT, INT_OR_STRING, TIME, MICRO_TIME, RAW_JSON ->
                JsonNodeFactory.instance.objectNode();
          };
    };
  }

  private JsonNode value(CodedInputStream in, FieldShape field) throws IOException {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (field.type()) {
      case STRING -> nodes.stringNode(in.readStringRequireUtf8());
      case BOOL -> nodes.booleanNode(in.readBool());
      case INTEGER -> integer(in.readInt64());
      case DOUBLE -> nodes.numberNode(in.readDouble());
      case BYTES -> nodes.stringNode(Base64.getEncoder().encodeToString(in.readByteArray()));
      case MESSAGE -> message(in.readByteArray(), shapes.at(field.message()));
    };
  }

  /** As a JSON parser would make it, so that the two forms of one number are equal. */
  private static JsonNode integer(long value) {
    return value == (int) value
        ? JsonNodeFactory.instance.numberNode((int) value)
        : JsonNodeFactory.instance.numberNode(value);
  }

  private JsonNode message(byte[] bytes, MessageShape shape) throws IOException {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    fill(content, CodedInputStream.newInstance(bytes), shape);
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (shape.form()) {
      case OBJECT -> content;
      case STRING -> nodes.stringNode(content.path("string").asString("0"));
      case INT_OR_STRING ->
          content.path("type").asLong(0) == 0
              ? nodes.numberNode(content.path("intVal").asInt(0))
              : nodes.stringNode(content.path("strVal").asString(""));
      case TIME -> time(content, SECONDS);
      case MICRO_TIME -> time(content, MICROSECONDS);
      case RAW_JSON -> raw(content);
      case LIST -> content.withArrayProperty("items");
    };
  }

  private static JsonNode time(ObjectNode content, DateTimeFormatter format) {
    if (content.isEmpty()) {
      return NullNode.getInstance();
    }
    Instant instant =
        Instant.ofEpochSecond(content.path("seconds").asLong(0), content.path("nanos").asLong(0));
    return JsonNodeFactory.instance.stringNode(format.format(instant));
  }

  private static JsonNode raw(ObjectNode content) {
    for (JsonNode only : content) {
      byte[] json = Base64.getDecoder().decode(only.asString(""));
      return json.length == 0 ? NullNode.getInstance() : Input.tree(Input.json(json));
    }
    return NullNode.getInstance();
  }

  private static boolean isZero(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> value.asString("").isEmpty();
      case BOOLEAN -> !value.asBoolean(false);
      case NUMBER -> value.asDouble(0) == 0;
      default -> false;
    };
  }
}
