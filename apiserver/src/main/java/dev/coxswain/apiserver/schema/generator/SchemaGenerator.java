package dev.coxswain.apiserver.schema.generator;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.schema.SchemaLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Writes the two resources of {@link SchemaLayout} from a Swagger 2 document of Kubernetes'
 * definitions and a supplement for what that document lacks. Only generally available versions are
 * taken.
 */
public final class SchemaGenerator {
  private static final Pattern WANTED =
      Pattern.compile(
          "io\\.k8s\\.(api\\.([a-z0-9]+\\.v[0-9]+|admissionregistration\\.v1beta1)"
              + "|apimachinery\\.pkg\\.(apis\\.meta\\.v1|api|util|version|runtime)(\\.[a-z]+)?"
              + "|(apiextensions-apiserver|kube-aggregator|metrics)\\..*)"
              + "\\.[A-Za-z0-9]+");

  private SchemaGenerator() {}

  /**
   * Generates.
   *
   * @param arguments the Swagger document, the supplement, and the folder of the classes
   */
  public static void main(String[] arguments) throws IOException {
    Path swagger = Path.of(arguments[0]);
    Path supplement = Path.of(arguments[1]);
    Path classes = Path.of(arguments[2]);
    Path schemas = classes.resolve(SchemaLayout.SCHEMAS.substring(1));
    Path descriptions = classes.resolve(SchemaLayout.DESCRIPTIONS.substring(1));
    if (isUpToDate(schemas, List.of(swagger, supplement), classes)) {
      return;
    }
    Map<String, JsonNode> definitions = new TreeMap<>();
    for (Path source : List.of(swagger, supplement)) {
      JsonNode all = Json.mapper().readTree(source.toFile()).path("definitions");
      for (Map.Entry<String, JsonNode> definition : all.properties()) {
        if (WANTED.matcher(definition.getKey()).matches()) {
          definitions.put(definition.getKey(), definition.getValue());
        }
      }
    }
    ArenaWriter writer = new ArenaWriter(definitions);
    Files.createDirectories(schemas.getParent());
    Files.write(descriptions, writer.descriptions());
    Files.write(schemas, writer.schemas());
  }

  private static boolean isUpToDate(Path output, List<Path> sources, Path classes)
      throws IOException {
    if (!Files.exists(output)) {
      return false;
    }
    var made = Files.getLastModifiedTime(output);
    for (Path source : sources) {
      if (Files.getLastModifiedTime(source).compareTo(made) > 0) {
        return false;
      }
    }
    for (Class<?> code : List.of(SchemaGenerator.class, ArenaWriter.class, SchemaLayout.class)) {
      Path file = classes.resolve(code.getName().replace('.', '/') + ".class");
      if (!Files.exists(file) || Files.getLastModifiedTime(file).compareTo(made) > 0) {
        return false;
      }
    }
    return true;
  }
}
