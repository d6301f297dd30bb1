package dev.coxswain.api.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Allows everything. */
final class AnythingSchema implements Schema {
  static final AnythingSchema INSTANCE = new AnythingSchema();

  private AnythingSchema() {}

  @Override
  public Type type() {
    return Type.ANY;
  }

  @Override
  public String format() {
    return "";
  }

  @Override
  public List<String> propertyNames() {
    return List.of();
  }

  @Override
  public @Nullable Schema property(String name) {
    return null;
  }

  @Override
  public @Nullable Schema values() {
    return null;
  }

  @Override
  public @Nullable Schema items() {
    return null;
  }

  @Override
  public List<String> required() {
    return List.of();
  }

  @Override
  public boolean preservesUnknown() {
    return true;
  }

  @Override
  public ListType listType() {
    return ListType.ATOMIC;
  }

  @Override
  public List<String> listMapKeys() {
    return List.of();
  }

  @Override
  public String description() {
    return "";
  }
}
