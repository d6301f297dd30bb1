package dev.coxswain.api.fields;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A set of fields of an object, as {@code managedFields[].fieldsV1} writes it: a tree whose steps
 * are {@link Steps}. A field may be a member itself, have members below it, or both. Immutable.
 */
public final class FieldSet {
  /** Marks, within a field, that the field itself is a member. */
  private static final String SELF = ".";

  /** Deepest nesting that is read, in steps; as deep as objects are. */
  private static final int MAXIMUM_DEPTH = Json.MAXIMUM_DEPTH;

  /** No field. */
  public static final FieldSet EMPTY = new FieldSet(new TreeMap<>());

  private final SortedMap<String, Entry> entries;

  /** One step: whether the field is a member, and what is below it. */
  private record Entry(boolean member, FieldSet below) {
    boolean isEmpty() {
      return !member && below.isEmpty();
    }
  }

  private FieldSet(SortedMap<String, Entry> entries) {
    this.entries = entries;
  }

  /** Collects fields. */
  public static final class Builder {
    private final SortedMap<String, Builder> below = new TreeMap<>();
    private boolean member;

    /** Adds the field at a path of steps. */
    public Builder add(List<String> path) {
      Builder at = this;
      for (String step : path) {
        at = at.below.computeIfAbsent(step, _ -> new Builder());
      }
      at.member = true;
      return this;
    }

    /** Adds the field at a path of names. */
    public Builder addField(String... names) {
      return add(Arrays.stream(names).map(Steps::field).toList());
    }

    /** The set. */
    public FieldSet build() {
      SortedMap<String, Entry> entries = new TreeMap<>();
      below.forEach((step, child) -> entries.put(step, new Entry(child.member, child.build())));
      return of(entries);
    }
  }

  private static FieldSet of(SortedMap<String, Entry> entries) {
    return entries.isEmpty() ? EMPTY : new FieldSet(entries);
  }

  /** The set with the one field at this path of names. */
  public static FieldSet field(String... names) {
    return new Builder().addField(names).build();
  }

  /**
   * Reads a set in the form that managed fields are kept in.
   *
   * @throws IllegalArgumentException where it is not of that form
   */
  public static FieldSet parse(JsonNode fields) {
    return parse(fields, 0);
  }

  private static FieldSet parse(JsonNode fields, int depth) {
    if (!fields.isObject() || depth > MAXIMUM_DEPTH) {
      throw new IllegalArgumentException("expected an object of fields");
    }
    SortedMap<String, Entry> entries = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      if (!field.getKey().equals(SELF)) {
        JsonNode value = field.getValue();
        boolean member = value.isEmpty() || value.has(SELF);
        try {
          entries.put(Steps.canonical(field.getKey()), new Entry(member, parse(value, depth + 1)));
        } catch (JacksonException malformed) {
          throw new IllegalArgumentException("malformed field " + field.getKey(), malformed);
        }
      }
    }
    return of(entries);
  }

  /** Writes {@code fieldsV1}. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    entries.forEach((step, entry) -> {
      ObjectNode value = Json.object();
      if (!entry.below.isEmpty()) {
        if (entry.member) {
          value.putObject(SELF);
        }
        value.setAll(entry.below.toJson());
      }
      json.set(step, value);
    });
    return json;
  }

  /** Whether there is no field in it. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether the field of one step is a member itself. */
  public boolean has(String step) {
    Entry entry = entries.get(step);
    return entry != null && entry.member;
  }

  /** What is below the field of one step. */
  public FieldSet below(String step) {
    Entry entry = entries.get(step);
    return entry == null ? EMPTY : entry.below;
  }

  /** The members of either. */
  public FieldSet union(FieldSet other) {
    if (isEmpty() || other.isEmpty()) {
      return isEmpty() ? other : this;
    }
    SortedMap<String, Entry> all = new TreeMap<>(entries);
    other.entries.forEach((step, entry) ->
        all.merge(
            step,
            entry,
            (one, two) -> new Entry(one.member || two.member, one.below.union(two.below))));
    return new FieldSet(all);
  }

  /** The members of both. */
  public FieldSet intersection(FieldSet other) {
    return combine(
        other,
        (one, two) ->
            two == null
                ? null
                : new Entry(one.member && two.member, one.below.intersection(two.below)));
  }

  /** The members that are not members of the other; what is below those remains. */
  public FieldSet difference(FieldSet other) {
    return combine(
        other,
        (one, two) ->
            two == null
                ? one
                : new Entry(one.member && !two.member, one.below.difference(two.below)));
  }

  /** The members that are neither members of the other nor below one. */
  public FieldSet without(FieldSet other) {
    return combine(
        other,
        (one, two) -> {
          if (two == null) {
            return one;
          }
          return two.member ? null : new Entry(one.member, one.below.without(two.below));
        });
  }

  private interface Combination {
    @Nullable Entry of(Entry one, @Nullable Entry two);
  }

  private FieldSet combine(FieldSet other, Combination combination) {
    SortedMap<String, Entry> result = new TreeMap<>();
    entries.forEach((step, entry) -> {
      Entry combined = combination.of(entry, other.entries.get(step));
      if (combined != null && !combined.isEmpty()) {
        result.put(step, combined);
      }
    });
    return of(result);
  }

  /** With every field, of those that the predicate names, that has members below it as a member. */
  FieldSet withParents(Parents parents) {
    SortedMap<String, Entry> result = new TreeMap<>();
    entries.forEach((step, entry) -> {
      boolean member = entry.member || (!entry.below.isEmpty() && parents.counts(step));
      FieldSet below = entry.below.isEmpty() ? EMPTY : entry.below.withParents(parents.below(step));
      result.put(step, new Entry(member, below));
    });
    return of(result);
  }

  /** Which fields count as members as soon as something below them is one. */
  interface Parents {
    boolean counts(String step);

    Parents below(String step);
  }

  /** Every member's path as it is printed: {@code .spec.containers[name="web"].image}. */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    walk("", paths);
    return paths;
  }

  private void walk(String prefix, List<String> paths) {
    entries.forEach((step, entry) -> {
      String path = prefix + Steps.printed(step);
      if (entry.member) {
        paths.add(path);
      }
      entry.below.walk(path, paths);
    });
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldSet set && entries.equals(set.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }

  @Override
  public String toString() {
    return toJson().toString();
  }
}
