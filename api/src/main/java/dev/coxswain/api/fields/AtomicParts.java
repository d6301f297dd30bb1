package dev.coxswain.api.fields;

import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds what a configuration would replace as a whole: lists, maps and objects that are atomic. */
public final class AtomicParts {
  private final List<String> found = new ArrayList<>();

  private AtomicParts() {}

  /** The paths of such parts, as {@code .spec.template.spec.containers[0].args}. */
  public static List<String> of(Schema schema, ObjectNode configuration) {
    AtomicParts walk = new AtomicParts();
    walk.visit(schema, configuration, "");
    return List.copyOf(walk.found);
  }

  private void visit(@Nullable Schema schema, JsonNode value, String path) {
    if (Shape.of(schema, value) == Shape.LEAF && value.isContainer()) {
      found.add(path);
    }
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        visit(Shape.field(schema, field.getKey()), field.getValue(), path + "." + field.getKey());
      }
    } else {
      int index = 0;
      for (JsonNode element : value) {
        visit(Shape.items(schema), element, path + "[" + index++ + "]");
      }
    }
  }
}
