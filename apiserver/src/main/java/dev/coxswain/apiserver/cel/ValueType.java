package dev.coxswain.apiserver.cel;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What expressions know of a value from its schema. Immutable.
 *
 * @param kind how JSON is read
 * @param type the type for the checker
 * @param fields the fields of an object, by their name in expressions
 * @param element the values of a map or the elements of a list; null for others
 * @param equality when two lists are the same
 * @param keys what tells the elements of a keyed list apart
 * @param largest the most elements, bytes or characters there can be; 0 where size is not a notion
 * @param smallest the fewest bytes that its JSON takes
 */
public record ValueType(
    Kind kind,
    CelType type,
    Map<String, Field> fields,
    @Nullable ValueType element,
    Equality equality,
    List<String> keys,
    long largest,
    long smallest) {

  /** How JSON is read. */
  public enum Kind {
    OBJECT,
    MAP,
    LIST,
    STRING,
    BYTES,
    DURATION,
    DATE,
    TIMESTAMP,
    BOOLEAN,
    INTEGER,
    NUMBER,
    DYNAMIC
  }

  /** When two lists are the same. */
  public enum Equality {
    ORDERED,
    /** The elements are, in any order. */
    SET,
    /** Elements of equal keys are, in any order. */
    KEYED
  }

  /**
   * A field of an object.
   *
   * @param property its name in JSON
   */
  public record Field(String property, ValueType type) {}

  /** Takes the maps as they are from now on. */
  public ValueType {
    fields = Collections.unmodifiableMap(fields);
    keys = List.copyOf(keys);
  }

  /** Nothing is known before the value is there. */
  public static ValueType dynamic(long largest) {
    return scalar(Kind.DYNAMIC, SimpleType.DYN, largest, 1);
  }

  static ValueType scalar(Kind kind, CelType type, long largest, long smallest) {
    return new ValueType(
        kind, type, Map.of(), null, Equality.ORDERED, List.of(), largest, smallest);
  }

  static ValueType list(ValueType element, long largest, Equality equality, List<String> keys) {
    return new ValueType(
        Kind.LIST, ListType.create(element.type), Map.of(), element, equality, keys, largest, 2);
  }

  static ValueType map(ValueType value, long largest) {
    return new ValueType(
        Kind.MAP,
        MapType.create(SimpleType.STRING, value.type),
        Map.of(),
        value,
        Equality.ORDERED,
        List.of(),
        largest,
        2);
  }

  @SuppressWarnings("Immutable") // nobody changes the fields once they are here
  static ValueType object(String name, Map<String, Field> fields, long smallest) {
    CelType type =
        StructType.create(
            name,
            ImmutableSet.copyOf(fields.keySet()),
            field -> Optional.ofNullable(fields.get(field)).map(found -> found.type().type()));
    return new ValueType(Kind.OBJECT, type, fields, null, Equality.ORDERED, List.of(), 0, smallest);
  }

  /** Tells every object type here and below, with its name. */
  void eachObject(BiConsumer<String, CelType> seen) {
    if (kind == Kind.OBJECT) {
      seen.accept(type.name(), type);
    }
    if (element != null) {
      element.eachObject(seen);
    }
    fields.values().forEach(field -> field.type().eachObject(seen));
  }

  /**
   * What is at the end of a path of field names, {@code @items}, {@code @values}, {@code @keys}.
   */
  @Nullable ValueType at(List<String> path) {
    ValueType here = this;
    for (String step : path) {
      Field field = here.fields.get(step);
      here =
          switch (step) {
            case "@items", "@values" -> here.element;
            case "@keys" -> here.kind == Kind.MAP ? KEY : null;
            default -> field == null ? null : field.type();
          };
      if (here == null) {
        return null;
      }
    }
    return here;
  }

  /** Upstream reckons with keys of no length. */
  private static final ValueType KEY = scalar(Kind.STRING, SimpleType.STRING, 0, 2);
}
