package dev.coxswain.apiserver.protobuf.generator;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.protobuf.FieldType;
import dev.coxswain.apiserver.protobuf.MessageForm;
import dev.coxswain.apiserver.protobuf.MessageShapes;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Writes the table of message shapes. The messages come from the descriptors in the published Java
 * protobuf classes of Kubernetes' API; which fields are inlined in JSON, and which are required,
 * comes from the definitions from which the schemas are made.
 */
public final class MessageTableGenerator {
  private static final Pattern WANTED =
      Pattern.compile(
          "k8s\\.io\\.(api\\.([a-z]+\\.v[0-9]+|admissionregistration\\.v1beta1)|apimachinery\\.pkg\\.(api|apis|util|runtime)\\..*)\\.\\w+|k8s\\.io\\.apimachinery\\.pkg\\.runtime\\.\\w+");
  private static final String CLASSES = "io/kubernetes/client/proto/";

  private final Map<String, Descriptor> messages = new TreeMap<>();
  private final Set<String> keptZeros;
  private final JsonNode definitions;

  private MessageTableGenerator(JsonNode definitions, Set<String> keptZeros) {
    this.definitions = definitions;
    this.keptZeros = keptZeros;
  }

  /**
   * Generates.
   *
   * @param arguments the jar of the protobuf classes, the Swagger document, the list of fields
   *     whose zero is kept, and the folder of the classes
   */
  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    Path jar = Path.of(arguments[0]);
    Path swagger = Path.of(arguments[1]);
    Path zeros = Path.of(arguments[2]);
    Path table = Path.of(arguments[3]).resolve(MessageShapes.TABLE.substring(1));
    MessageTableGenerator generator =
        new MessageTableGenerator(
            Json.mapper().readTree(swagger.toFile()).path("definitions"), readZeros(zeros));
    generator.read(jar);
    Files.createDirectories(table.getParent());
    Files.writeString(table, generator.table());
  }

  private static Set<String> readZeros(Path file) throws IOException {
    Set<String> zeros = new HashSet<>();
    for (String line : Files.readAllLines(file)) {
      List<String> words = List.of(line.split(" "));
      if (!line.startsWith("#") && words.size() > 2) {
        String prefix =
            words.getFirst().startsWith("meta.") ? "k8s.io.apimachinery.pkg.apis." : "k8s.io.api.";
        words
            .subList(2, words.size())
            .forEach(
                field -> zeros.add(prefix + words.getFirst() + "." + words.get(1) + "." + field));
      }
    }
    return zeros;
  }

  private void read(Path jar) throws IOException, ReflectiveOperationException {
    try (JarFile file = new JarFile(jar.toFile());
        URLClassLoader classes =
            new URLClassLoader(new URL[] {jar.toUri().toURL()}, getClass().getClassLoader())) {
      List<String> names =
          file.stream()
              .map(entry -> entry.getName())
              .filter(name ->
                  name.startsWith(CLASSES) && name.endsWith(".class") && !name.contains("$"))
              .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
              .toList();
      for (String name : names) {
        if (classes.loadClass(name).getMethod("getDescriptor").invoke(null)
            instanceof FileDescriptor descriptor) {
          for (Descriptor message : descriptor.getMessageTypes()) {
            if (WANTED.matcher(message.getFullName()).matches()) {
              messages.put(message.getFullName(), message);
            }
          }
        }
      }
    }
  }

  private String table() {
    Map<String, Integer> indexes = new LinkedHashMap<>();
    messages.keySet().forEach(name -> indexes.put(name, indexes.size()));
    StringBuilder table = new StringBuilder();
    messages.forEach((name, message) -> {
      MessageForm form = MessageForm.of(name);
      table.append("M ").append(name).append(' ').append(form).append('\n');
      for (FieldDescriptor field : message.getFields()) {
        FieldDescriptor value =
            field.isMapField() ? field.getMessageType().findFieldByNumber(2) : field;
        boolean isMessage = value.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
        Integer index =
            isMessage ? indexes.get(value.getMessageType().getFullName()) : Integer.valueOf(-1);
        if (index == null) {
          continue;
        }
        table
            .append("F ")
            .append(field.getNumber())
            .append(' ')
            .append(jsonName(name, field))
            .append(' ')
            .append(type(value))
            .append(' ')
            .append(index)
            .append(' ')
            .append(flags(name, field, form))
            .append('\n');
      }
    });
    return table.toString();
  }

  /** The field's name in JSON: a few differ from it in the case of a letter. */
  private String jsonName(String message, FieldDescriptor field) {
    JsonNode properties = definition(message).path("properties");
    if (!properties.has(field.getName())) {
      for (String property : properties.propertyNames()) {
        if (property.equalsIgnoreCase(field.getName())) {
          return property;
        }
      }
    }
    return field.getName();
  }

  private JsonNode definition(String message) {
    return definitions.path("io.k8s." + message.substring("k8s.io.".length()));
  }

  private String flags(String message, FieldDescriptor field, MessageForm form) {
    StringBuilder flags = new StringBuilder();
    if (field.isMapField()) {
      flags.append('m');
    } else if (field.isRepeated()) {
      flags.append('r');
    }
    JsonNode definition = definition(message);
    boolean required = false;
    for (JsonNode name : definition.path("required")) {
      required |= name.asString("").equals(jsonName(message, field));
    }
    if (form != MessageForm.OBJECT
        || required
        || keptZeros.contains(message + "." + field.getName())) {
      flags.append('z');
    }
    boolean inline =
        form == MessageForm.OBJECT
            && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && !field.isRepeated()
            && definition.path("properties").isObject()
            && !definition.path("properties").has(field.getName())
            && sharesProperties(definition, field.getMessageType());
    return flags.append(inline ? "i" : "").append('-').toString();
  }

  /** Whether the object of the message around has the properties of the message within. */
  private static boolean sharesProperties(JsonNode definition, Descriptor inner) {
    return inner.getFields().stream()
        .anyMatch(field -> definition.path("properties").has(field.getName()));
  }

  private static FieldType type(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> FieldType.STRING;
      case BOOLEAN -> FieldType.BOOL;
      case INT, LONG -> FieldType.INTEGER;
      case DOUBLE, FLOAT -> FieldType.DOUBLE;
      case BYTE_STRING -> FieldType.BYTES;
      case MESSAGE -> FieldType.MESSAGE;
      case ENUM ->
          throw new IllegalStateException(
              field.getFullName() + " is an enum, which Kubernetes' messages have none of");
    };
  }
}
