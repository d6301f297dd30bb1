package dev.coxswain.api.fields;

import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The elements of a list by their steps. A stored list may hold duplicates, which came from before
 * its elements were unique; those stand for one element that is changed as a whole.
 *
 * @param steps the step to each element, in the list's order; an element whose key is missing is
 *     left out
 * @param byStep the elements; for duplicates the first
 */
record Elements(List<String> steps, Map<String, JsonNode> byStep) {
  static Elements of(Shape shape, @Nullable Schema schema, @Nullable JsonNode list) {
    List<String> steps = new ArrayList<>();
    Map<String, JsonNode> byStep = new LinkedHashMap<>();
    if (list != null) {
      for (JsonNode element : list) {
        String step = shape.step(schema, element);
        if (step != null) {
          steps.add(step);
          byStep.putIfAbsent(step, element);
        }
      }
    }
    return new Elements(steps, byStep);
  }
}
