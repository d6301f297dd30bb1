package dev.coxswain.apiserver.cel;

import dev.coxswain.apiserver.cel.ValueType.Equality;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** A list that knows when two of its kind are the same. */
abstract class CorrelatedList extends AbstractList<Object> implements RandomAccess {

  abstract Equality equality();

  /** The properties that tell elements of a keyed list apart. */
  abstract List<String> keys();

  /** What an element of a keyed list is known by. */
  Object key(Object element) {
    if (equality() != Equality.KEYED || !(element instanceof Map<?, ?> object)) {
      return element;
    }
    List<@Nullable Object> key = new ArrayList<>();
    for (String name : keys()) {
      key.add(object.get(PropertyNames.escape(name).orElse(name)));
    }
    return key;
  }

  /** Elements stay in their places; those of the other list replace their like or follow. */
  CorrelatedList plus(List<?> other) {
    List<Object> elements = new ArrayList<>(this);
    Map<Object, Integer> places = HashMap.newHashMap(size());
    for (int i = 0; i < elements.size(); i++) {
      places.put(key(elements.get(i)), i);
    }
    for (Object element : other) {
      Integer place = places.putIfAbsent(key(element), elements.size());
      if (place == null) {
        elements.add(element);
      } else if (equality() == Equality.KEYED) {
        elements.set(place, element);
      }
    }
    return new Merged(elements, equality(), keys());
  }

  /** What came of adding two lists. */
  private static final class Merged extends CorrelatedList {
    private final List<Object> elements;
    private final Equality equality;
    private final List<String> keys;

    Merged(List<Object> elements, Equality equality, List<String> keys) {
      this.elements = elements;
      this.equality = equality;
      this.keys = keys;
    }

    @Override
    public Object get(int index) {
      return elements.get(index);
    }

    @Override
    public int size() {
      return elements.size();
    }

    @Override
    Equality equality() {
      return equality;
    }

    @Override
    List<String> keys() {
      return keys;
    }
  }
}
