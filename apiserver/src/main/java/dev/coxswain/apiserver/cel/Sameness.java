package dev.coxswain.apiserver.cel;

import dev.cel.common.CelOptions;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import dev.coxswain.apiserver.cel.ValueType.Equality;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * When two values are the same: as the language says, save that sets and keyed lists have no order.
 */
final class Sameness {
  private final RuntimeEquality equality;

  Sameness(CelOptions options) {
    this.equality = RuntimeEquality.create(RuntimeHelpers.create(), options);
  }

  boolean same(Object one, Object other) {
    if (one instanceof List<?> a && other instanceof List<?> b) {
      return a.size() == b.size() && lists(a, b);
    }
    if (one instanceof Map<?, ?> a && other instanceof Map<?, ?> b) {
      return maps(a, b);
    }
    return equality.objectEquals(one, other);
  }

  private boolean lists(List<?> one, List<?> other) {
    if (one instanceof CorrelatedList list && list.equality() != Equality.ORDERED) {
      return unordered(list, other);
    }
    if (other instanceof CorrelatedList list && list.equality() != Equality.ORDERED) {
      return unordered(list, one);
    }
    Iterator<?> rest = other.iterator();
    for (Object element : one) {
      if (!same(element, rest.next())) {
        return false;
      }
    }
    return true;
  }

  private boolean unordered(CorrelatedList one, List<?> other) {
    Map<Object, Object> known = HashMap.newHashMap(one.size());
    one.forEach(element -> known.put(one.key(element), element));
    for (Object element : other) {
      Object counterpart = known.remove(one.key(element));
      if (counterpart == null || !same(counterpart, element)) {
        return false;
      }
    }
    return known.isEmpty();
  }

  private boolean maps(Map<?, ?> one, Map<?, ?> other) {
    var entries = one.entrySet();
    if (entries.size() != other.entrySet().size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : entries) {
      var counterpart = equality.findInMap(other, entry.getKey());
      if (counterpart.isEmpty() || !same(entry.getValue(), counterpart.get())) {
        return false;
      }
    }
    return true;
  }
}
