package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.discovery.Document;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts parts of other servers' Swagger documents behind this server's own, which is copied as it is
 * read and never stands in memory as a tree.
 */
final class SwaggerMerge {
  /** Begins the names of Kubernetes' own types: whoever uses them means the same. */
  private static final String SHARED = "io.k8s.";

  private SwaggerMerge() {}

  /** Writes the whole document. Paths and definitions of this server's own stay as they are. */
  static void write(Document own, List<Document> others, OutputStream bytes) throws IOException {
    Set<String> paths = names(own, "paths");
    Set<String> definitions = names(own, "definitions");
    List<ObjectNode> parts = new ArrayList<>();
    for (Document other : others) {
      parts.add(fitted(Json.parseObject(other.body()), paths, definitions));
    }
    try (JsonParser in = parser(own.open());
        JsonGenerator out = Json.mapper().createGenerator(bytes)) {
      in.nextToken();
      out.writeStartObject();
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = in.currentName();
        out.writeName(name);
        in.nextToken();
        if (name.equals("paths") || name.equals("definitions")) {
          extend(in, out, name, parts);
        } else {
          out.copyCurrentStructure(in);
        }
      }
      out.writeEndObject();
    }
  }

  private static JsonParser parser(InputStream in) {
    return Json.mapper().createParser(in);
  }

  private static void extend(
      JsonParser in, JsonGenerator out, String name, List<ObjectNode> parts) {
    out.writeStartObject();
    while (in.nextToken() == JsonToken.PROPERTY_NAME) {
      out.copyCurrentStructure(in);
    }
    for (ObjectNode part : parts) {
      for (Map.Entry<String, JsonNode> entry : part.path(name).properties()) {
        out.writeName(entry.getKey());
        out.writeTree(entry.getValue());
      }
    }
    out.writeEndObject();
  }

  /** The names in one of a document's maps. */
  private static Set<String> names(Document document, String map) throws IOException {
    Set<String> names = new HashSet<>();
    try (JsonParser in = parser(document.open())) {
      in.nextToken();
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean wanted = in.currentName().equals(map);
        in.nextToken();
        while (wanted && in.nextToken() == JsonToken.PROPERTY_NAME) {
          names.add(in.currentName());
          in.nextToken();
          in.skipChildren();
        }
        in.skipChildren();
      }
    }
    return names;
  }

  /** Takes from a part what is there already; a definition of another type gets another name. */
  private static ObjectNode fitted(ObjectNode part, Set<String> paths, Set<String> definitions) {
    Map<String, String> renamed = new LinkedHashMap<>();
    if (part.get("paths") instanceof ObjectNode own) {
      own.properties().removeIf(entry -> !paths.add(entry.getKey()));
    }
    if (part.get("definitions") instanceof ObjectNode own) {
      own.properties()
          .removeIf(
              entry -> entry.getKey().startsWith(SHARED) && definitions.contains(entry.getKey()));
      for (String name : List.copyOf(own.propertyNames())) {
        if (!definitions.add(name)) {
          renamed.put(name, free(name, definitions));
        }
      }
    }
    SwaggerPart.rename(part, renamed);
    return part;
  }

  /** As upstream names the second and third definition of a name. */
  private static String free(String name, Set<String> taken) {
    int number = 2;
    while (!taken.add(name + "_v" + number)) {
      number++;
    }
    return name + "_v" + number;
  }
}
