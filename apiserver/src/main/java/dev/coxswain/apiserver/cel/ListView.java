package dev.coxswain.apiserver.cel;

import dev.coxswain.apiserver.cel.ValueType.Equality;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A list whose elements are read where they are looked at. */
final class ListView extends CorrelatedList {
  private static final ValueType ANYTHING = ValueType.dynamic(0);

  private final JsonNode list;
  private final @Nullable ValueType type;
  private final ValueType elements;

  ListView(JsonNode list, @Nullable ValueType type) {
    this.list = list;
    this.type = type;
    this.elements = type == null || type.element() == null ? ANYTHING : type.element();
  }

  @Override
  public Object get(int index) {
    return JsonValues.of(list.get(index), elements);
  }

  @Override
  public int size() {
    return list.size();
  }

  @Override
  Equality equality() {
    return type == null ? Equality.ORDERED : type.equality();
  }

  @Override
  List<String> keys() {
    return type == null ? List.of() : type.keys();
  }
}
