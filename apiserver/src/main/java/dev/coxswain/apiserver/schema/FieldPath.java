package dev.coxswain.apiserver.schema;

import org.jspecify.annotations.Nullable;

/**
 * Where the decoder is, as a chain from the inside out; it becomes text only for a message.
 *
 * @param parent what encloses it; null at the root
 * @param name the field's name or map key; empty for a list element
 * @param index the element's index; -1 for a field
 */
record FieldPath(@Nullable FieldPath parent, String name, int index) {

  static FieldPath root() {
    return new FieldPath(null, "", -1);
  }

  FieldPath field(String field) {
    return new FieldPath(this, field, -1);
  }

  FieldPath element(int element) {
    return new FieldPath(this, "", element);
  }

  /** {@code spec.containers[0].image}. */
  @Override
  public String toString() {
    return text(true);
  }

  /** {@code spec.containers.image}, as the messages about types spell it. */
  String withoutIndexes() {
    return text(false);
  }

  private String text(boolean indexes) {
    FieldPath enclosing = parent;
    if (enclosing == null) {
      return name;
    }
    String before = enclosing.text(indexes);
    if (index >= 0) {
      return indexes ? before + "[" + index + "]" : before;
    }
    return before.isEmpty() ? name : before + "." + name;
  }
}
