package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is wrong with those annotations of pods that mean something. The texts are upstream's. */
final class AnnotationRules {
  private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

  /** Neither a plus nor zeros before the number. */
  private static final Pattern COST = Pattern.compile("-[0-9]+|0|[1-9][0-9]*");

  private AnnotationRules() {}

  static void check(JsonNode annotations, JsonNode spec, String path, List<FieldError> errors) {
    if (annotations.has(Mirrors.ANNOTATION) && spec.path("nodeName").asString("").isEmpty()) {
      errors.add(
          FieldError.invalid(
              path + "[" + Mirrors.ANNOTATION + "]",
              annotations.path(Mirrors.ANNOTATION).asString(""),
              "must set spec.nodeName if mirror pod annotation is set"));
    }
    for (Map.Entry<String, JsonNode> annotation : annotations.properties()) {
      if (annotation.getKey().startsWith(AppArmorAnnotations.PREFIX)) {
        AppArmorAnnotations.check(annotation, spec, path, errors);
      }
    }
  }

  /** What a pod costs its controller when it goes, where it is said anew. */
  static void cost(JsonNode annotations, JsonNode before, List<FieldError> errors) {
    if (annotations.has(DELETION_COST)
        && !isCost(annotations.path(DELETION_COST))
        && (!before.has(DELETION_COST) || isCost(before.path(DELETION_COST)))) {
      errors.add(
          FieldError.invalid(
              "metadata.annotations[" + DELETION_COST + "]",
              annotations.path(DELETION_COST).asString(""),
              "must be a 32bit integer"));
    }
  }

  private static boolean isCost(JsonNode annotation) {
    String text = annotation.asString("");
    if (!COST.matcher(text).matches()) {
      return false;
    }
    try {
      var _ = Integer.parseInt(text);
      return true;
    } catch (NumberFormatException tooLarge) {
      return false;
    }
  }

  /** What a pod is and how it is confined is settled when it is made. */
  static void checkChange(JsonNode now, JsonNode before, List<FieldError> errors) {
    TreeSet<String> names = new TreeSet<>(now.propertyNames());
    names.addAll(before.propertyNames());
    for (String name : names) {
      String what =
          name.startsWith(AppArmorAnnotations.PREFIX)
              ? "AppArmor annotations"
              : name.equals(Mirrors.ANNOTATION) ? "mirror pod annotation" : "";
      if (what.isEmpty() || now.path(name).equals(before.path(name))) {
        continue;
      }
      errors.add(
          FieldError.forbidden(
              "metadata.annotations[" + name + "]",
              before.has(name) ? "may not remove or update " + what : "may not add " + what));
    }
  }
}
