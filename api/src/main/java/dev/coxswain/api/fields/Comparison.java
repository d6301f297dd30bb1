package dev.coxswain.api.fields;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a change did to an object.
 *
 * @param added fields that were not there before
 * @param modified fields with another value
 * @param removed fields that are not there any more
 */
public record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {

  /** Compares an object before and after, by its shape. */
  public static Comparison of(Schema schema, ObjectNode before, ObjectNode after) {
    Walk walk = new Walk();
    walk.visit(schema, before, after);
    return new Comparison(walk.added.build(), walk.modified.build(), walk.removed.build());
  }

  /** Without the fields of a set and what is below them. */
  public Comparison without(FieldSet ignored) {
    return new Comparison(
        added.without(ignored), modified.without(ignored), removed.without(ignored));
  }

  /** What has a new value. */
  public FieldSet changed() {
    return added.union(modified);
  }

  /** Whether nothing changed. */
  public boolean isEmpty() {
    return added.isEmpty() && modified.isEmpty() && removed.isEmpty();
  }

  private static final class Walk {
    private final FieldSet.Builder added = new FieldSet.Builder();
    private final FieldSet.Builder modified = new FieldSet.Builder();
    private final FieldSet.Builder removed = new FieldSet.Builder();
    private final List<String> path = new ArrayList<>();

    @SuppressWarnings("ReferenceEquality") // A shortcut: a tree that was shared has not changed.
    private void visit(
        @Nullable Schema schema, @Nullable JsonNode before, @Nullable JsonNode after) {
      if (before == after) {
        return;
      }
      Shape was = before == null ? null : Shape.of(schema, before);
      Shape is = after == null ? null : Shape.of(schema, after);
      if (was != null && is != null && was != is) {
        // Free-form data became something else: nothing of the old remains.
        below(was, schema, before, null);
        below(is, schema, null, after);
        modified.add(path);
        return;
      }
      Shape shape = is != null ? is : was;
      boolean nothingWithin =
          (before == null || before.isEmpty()) && (after == null || after.isEmpty());
      boolean leaf = shape == null || shape == Shape.LEAF || nothingWithin;
      if (leaf && before != null && after != null) {
        if (!Json.same(before, after)) {
          modified.add(path);
        }
        return;
      }
      if (shape != null && !leaf) {
        below(shape, schema, before, after);
      }
      if (before == null) {
        added.add(path);
      } else if (after == null) {
        removed.add(path);
      }
    }

    private void below(
        Shape shape, @Nullable Schema schema, @Nullable JsonNode before, @Nullable JsonNode after) {
      switch (shape) {
        case LEAF -> {}
        case MAP -> map(schema, before, after);
        case SET, KEYED -> list(shape, schema, before, after);
      }
    }

    private void map(@Nullable Schema schema, @Nullable JsonNode before, @Nullable JsonNode after) {
      Set<String> names = new LinkedHashSet<>();
      if (before != null) {
        names.addAll(before.propertyNames());
      }
      if (after != null) {
        names.addAll(after.propertyNames());
      }
      for (String name : names) {
        path.add(Steps.field(name));
        visit(
            Shape.field(schema, name),
            before == null ? null : before.get(name),
            after == null ? null : after.get(name));
        path.removeLast();
      }
    }

    private void list(
        Shape shape, @Nullable Schema schema, @Nullable JsonNode before, @Nullable JsonNode after) {
      Elements old = Elements.of(shape, schema, before);
      Elements now = Elements.of(shape, schema, after);
      Set<String> steps = new LinkedHashSet<>(old.steps());
      steps.addAll(now.steps());
      for (String step : steps) {
        path.add(step);
        visit(Shape.items(schema), old.byStep().get(step), now.byStep().get(step));
        path.removeLast();
      }
    }
  }
}
