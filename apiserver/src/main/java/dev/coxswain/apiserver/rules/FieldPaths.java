package dev.coxswain.apiserver.rules;

import dev.coxswain.apiserver.structural.StructuralSchema;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Paths such as {@code .spec.ports} or {@code ['a.b'].c} that a rule names, relative to where it
 * stands. Lists cannot be stepped into.
 */
public final class FieldPaths {
  private final String text;
  private final StringBuilder path = new StringBuilder();
  private StructuralSchema schema;
  private int at;

  private FieldPaths(String text, StructuralSchema schema) {
    this.text = text;
    this.schema = schema;
  }

  /** The path as errors spell it; empty where the schema has no such field. */
  public static Optional<String> normalize(String text, StructuralSchema schema) {
    FieldPaths paths = new FieldPaths(text, schema);
    return paths.read() ? Optional.of(paths.path.toString()) : Optional.empty();
  }

  private boolean read() {
    while (at < text.length()) {
      String step = text.charAt(at) == '.' ? name() : text.charAt(at) == '[' ? quoted() : null;
      if (step == null || !enter(step)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable String name() {
    int from = ++at;
    while (at < text.length() && ".[]".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return at == from ? null : text.substring(from, at);
  }

  private @Nullable String quoted() {
    if (!text.startsWith("['", at)) {
      return null;
    }
    StringBuilder name = new StringBuilder();
    for (at += 2; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\'') {
        boolean closed = text.startsWith("']", at);
        at += 2;
        return closed ? name.toString() : null;
      }
      if (c == '\\' && at + 1 < text.length()) {
        c = unescaped(text.charAt(++at));
      }
      name.append(c);
    }
    return null;
  }

  private static char unescaped(char c) {
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      default -> c;
    };
  }

  private boolean enter(String step) {
    StructuralSchema property = schema.properties().get(step);
    boolean keyed = schema.properties().isEmpty();
    StructuralSchema next = keyed ? schema.additional() : property;
    if (next == null) {
      return false;
    }
    if (keyed) {
      path.append('[').append(step).append(']');
    } else {
      path.append(path.isEmpty() ? "" : ".").append(step);
    }
    schema = next;
    return true;
  }
}
