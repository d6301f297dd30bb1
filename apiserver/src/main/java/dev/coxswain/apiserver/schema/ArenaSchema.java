package dev.coxswain.apiserver.schema;

import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * A handle on one node of the arena. A reference keeps what stands beside it (description, patch
 * strategy) and takes its structure from the definition.
 *
 * @param arena where the node lies
 * @param node the node's offset
 */
record ArenaSchema(SchemaArena arena, int node) implements Schema {

  private boolean isReference() {
    return (arena.at(node, SchemaLayout.FLAGS) & SchemaLayout.REFERENCE) != 0;
  }

  /** The definition that this refers to; empty where it is no reference. */
  String reference() {
    return isReference() ? arena.definitionName(arena.at(node, SchemaLayout.CHILD)) : "";
  }

  /** The node with the structure. */
  private int body() {
    return isReference() ? arena.definitionNode(arena.at(node, SchemaLayout.CHILD)) : node;
  }

  private boolean bodyFlag(int flag) {
    return (arena.at(body(), SchemaLayout.FLAGS) & flag) != 0;
  }

  private boolean flag(int flag) {
    return (arena.at(node, SchemaLayout.FLAGS) & flag) != 0;
  }

  @Override
  public Type type() {
    return SchemaLayout.type(arena.at(body(), SchemaLayout.FLAGS) & SchemaLayout.TYPE_MASK);
  }

  @Override
  public String format() {
    return arena.string(arena.at(body(), SchemaLayout.FORMAT));
  }

  @Override
  public List<String> propertyNames() {
    int body = body();
    int count = arena.at(body, SchemaLayout.PROPERTY_COUNT);
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(arena.string(arena.at(body, SchemaLayout.NODE_SIZE + 2 * i)));
    }
    return names;
  }

  @Override
  public @Nullable Schema property(String name) {
    int body = body();
    int low = 0;
    int high = arena.at(body, SchemaLayout.PROPERTY_COUNT) - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int pair = SchemaLayout.NODE_SIZE + 2 * middle;
      int order = arena.string(arena.at(body, pair)).compareTo(name);
      if (order == 0) {
        return new ArenaSchema(arena, arena.at(body, pair + 1));
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }

  @Override
  public @Nullable Schema values() {
    return type() == Type.OBJECT ? child() : null;
  }

  @Override
  public @Nullable Schema items() {
    return type() == Type.ARRAY ? child() : null;
  }

  private @Nullable Schema child() {
    int child = arena.at(body(), SchemaLayout.CHILD);
    return child < 0 ? null : new ArenaSchema(arena, child);
  }

  @Override
  public List<String> required() {
    return arena.strings(arena.at(body(), SchemaLayout.REQUIRED));
  }

  @Override
  public List<String> enumValues() {
    return arena.strings(arena.at(body(), SchemaLayout.ENUM));
  }

  @Override
  public @Nullable JsonNode defaultValue() {
    String text = arena.string(arena.at(node, SchemaLayout.DEFAULT));
    return text.isEmpty() ? null : StringNode.valueOf(text);
  }

  @Override
  public boolean writtenWhenEmpty() {
    return flag(SchemaLayout.WRITTEN_EMPTY);
  }

  @Override
  public boolean preservesUnknown() {
    return bodyFlag(SchemaLayout.PRESERVES);
  }

  @Override
  public ListType listType() {
    if (flag(SchemaLayout.LIST_MAP)) {
      return ListType.MAP;
    }
    return flag(SchemaLayout.LIST_SET) ? ListType.SET : ListType.ATOMIC;
  }

  @Override
  public List<String> listMapKeys() {
    return arena.strings(arena.at(node, SchemaLayout.LIST_KEYS));
  }

  @Override
  public boolean atomicMap() {
    return flag(SchemaLayout.ATOMIC_MAP) || bodyFlag(SchemaLayout.ATOMIC_MAP);
  }

  @Override
  public String patchMergeKey() {
    return arena.string(arena.at(node, SchemaLayout.MERGE_KEY));
  }

  @Override
  public boolean patchMerges() {
    return flag(SchemaLayout.MERGES);
  }

  @Override
  public boolean patchRetainsKeys() {
    return flag(SchemaLayout.RETAINS_KEYS);
  }

  @Override
  public String description() {
    return arena.description(arena.at(node, SchemaLayout.DESCRIPTION));
  }
}
