package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with a container's variables. */
final class EnvironmentRules {
  private static final Pattern VARIABLE = Pattern.compile("[ -<>-~]+");
  private static final List<String> VALUE_SOURCES =
      List.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");
  private static final List<String> MAPS = List.of("configMapRef", "secretRef");
  private static final String MORE_THAN_ONE =
      "may not have more than one field specified at a time";

  private final List<FieldError> errors;
  private final DownwardRules downward;

  EnvironmentRules(List<FieldError> errors) {
    this.errors = errors;
    this.downward = new DownwardRules(errors);
  }

  /** The variables that are given one by one. */
  void variables(JsonNode environment, String path) {
    int index = 0;
    for (JsonNode variable : environment) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(variable, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      } else {
        name(name, at + ".name");
      }
      if (variable.path("valueFrom").isObject()) {
        valueFrom(variable, at + ".valueFrom");
      }
    }
  }

  private void name(String name, String path) {
    if (!VARIABLE.matcher(name).matches()) {
      errors.add(
          FieldError.invalid(
              path,
              name,
              "a valid environment variable name must consist only of printable ASCII characters"
                  + " other than '='"));
    }
  }

  private void valueFrom(JsonNode variable, String path) {
    JsonNode source = variable.path("valueFrom");
    long given = VALUE_SOURCES.stream().filter(source::has).count();
    if (!Json.text(variable, "value").isEmpty()) {
      errors.add(FieldError.invalid(path, "", "may not be specified when `value` is not empty"));
    }
    if (given == 0) {
      errors.add(
          FieldError.invalid(
              path,
              "",
              "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or"
                  + " `secretKeyRef`"));
    } else if (given > 1) {
      errors.add(FieldError.invalid(path, "", MORE_THAN_ONE));
    }
    for (String kind : List.of("configMapKeyRef", "secretKeyRef")) {
      if (source.has(kind)) {
        Checks.required(source.path(kind), "name", path + "." + kind, errors);
        if (Checks.required(source.path(kind), "key", path + "." + kind, errors)) {
          String key = Json.text(source.path(kind), "key");
          Checks.form(Names.dataKey(key), path + "." + kind + ".key", key, errors);
        }
      }
    }
    if (source.path("fieldRef").isObject()) {
      downward.field(source.path("fieldRef"), DownwardRules.OF_VARIABLES, path + ".fieldRef");
    }
    if (source.path("resourceFieldRef").isObject()) {
      downward.resource(source.path("resourceFieldRef"), false, path + ".resourceFieldRef");
    }
  }

  /** The maps and secrets whose entries all become variables. */
  void sources(JsonNode sources, String path) {
    int index = 0;
    for (JsonNode source : sources) {
      String at = path + "[" + index++ + "]";
      String prefix = Json.text(source, "prefix");
      if (!prefix.isEmpty()) {
        name(prefix, at + ".prefix");
      }
      long given = MAPS.stream().filter(kind -> source.path(kind).isObject()).count();
      // Neither of the two has an index upstream.
      if (given == 0) {
        errors.add(
            FieldError.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
      } else if (given > 1) {
        errors.add(FieldError.invalid(path, "", MORE_THAN_ONE));
      }
      for (String kind : MAPS) {
        if (source.path(kind).isObject()) {
          Checks.required(source.path(kind), "name", at + "." + kind, errors);
        }
      }
    }
  }
}
