package dev.coxswain.api.fields;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Takes from an object what its last applier has dropped and nobody else has. */
public final class FieldRemoval {
  private final @Nullable JsonNode nothing;

  private FieldRemoval(boolean emptied) {
    this.nothing = emptied ? NullNode.getInstance() : null;
  }

  /**
   * The object without the fields that an applier owned and nobody owns now.
   *
   * @param merged the object with the new configuration laid over it
   * @param last what the applier owned before
   * @param owned what all managers own now, the applier with its new configuration included
   * @return the object without them; {@code merged} itself is not changed
   */
  public static ObjectNode prune(Schema schema, ObjectNode merged, FieldSet last, FieldSet owned) {
    FieldSet.Parents parents = new Declared(schema);
    FieldSet everything = ObjectFields.of(schema, merged).withParents(parents);
    ObjectNode pruned = remove(schema, merged, last.withParents(parents), true);
    // Elements and maps went with everything in them: what somebody owns comes back.
    FieldSet remaining = ObjectFields.of(schema, pruned).withParents(parents);
    FieldSet keep = remaining.union(owned.withParents(parents));
    ObjectNode restored = remove(schema, merged, everything.difference(keep), true);
    // What nobody owned before has only gone because its parent did; it stays if the parent does.
    FieldSet left = ObjectFields.of(schema, restored).withParents(parents);
    FieldSet gone = everything.difference(left).intersection(last.withParents(parents));
    return remove(schema, merged, gone);
  }

  /** Declared objects, which are there as long as something is in them. */
  private record Declared(@Nullable Schema schema) implements FieldSet.Parents {
    @Override
    public boolean counts(String step) {
      return Steps.isField(step) && Shape.declares(schema, Steps.name(step));
    }

    @Override
    public FieldSet.Parents below(String step) {
      return new Declared(Shape.behind(schema, step));
    }
  }

  /** The object without the members of a set; what nothing is left of goes, too. */
  public static ObjectNode remove(Schema schema, ObjectNode object, FieldSet set) {
    return remove(schema, object, set, false);
  }

  /**
   * The same.
   *
   * @param emptied whether what nothing is left of stays, as null: somebody may own it as such
   */
  private static ObjectNode remove(
      Schema schema, ObjectNode object, FieldSet set, boolean emptied) {
    return set.isEmpty() ? object : new FieldRemoval(emptied).map(schema, object, set);
  }

  private @Nullable JsonNode value(@Nullable Schema schema, JsonNode value, FieldSet set) {
    if (set.isEmpty() || value.isEmpty()) {
      return value;
    }
    Shape shape = Shape.of(schema, value);
    return switch (shape) {
      case LEAF -> nothing;
      case MAP -> {
        ObjectNode left = map(schema, value, set);
        yield left.isEmpty() ? nothing : left;
      }
      case SET, KEYED -> {
        ArrayNode left = list(shape, schema, value, set);
        yield left.isEmpty() ? nothing : left;
      }
    };
  }

  private ObjectNode map(@Nullable Schema schema, JsonNode map, FieldSet set) {
    ObjectNode left = Json.object();
    for (Map.Entry<String, JsonNode> field : map.properties()) {
      String step = Steps.field(field.getKey());
      if (!set.has(step)) {
        JsonNode value =
            value(Shape.field(schema, field.getKey()), field.getValue(), set.below(step));
        if (value != null) {
          left.set(field.getKey(), value);
        }
      }
    }
    return left;
  }

  private ArrayNode list(Shape shape, @Nullable Schema schema, JsonNode list, FieldSet set) {
    ArrayNode left = Json.array();
    for (JsonNode element : list) {
      String step = shape.step(schema, element);
      if (step == null) {
        left.add(element);
      } else if (!set.has(step)) {
        JsonNode value = value(Shape.items(schema), element, set.below(step));
        if (value != null) {
          left.add(value);
        }
      }
    }
    return left;
  }
}
