package dev.coxswain.apiserver.verbs;

import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Which rules an update follows: those of the path that it came by. */
sealed interface Part {
  /** The subresource's name; empty for the object itself. */
  String name();

  /** Takes back what this path may not touch: by the object's own rules unless it has others. */
  default void prepare(ResourceType type, ObjectNode object, ObjectNode old) {
    type.strategy().prepareForUpdate(object, old);
  }

  /** What is wrong with the change, likewise. */
  default List<FieldError> validate(ResourceType type, ObjectNode object, ObjectNode old) {
    return type.strategy().validateUpdate(object, old);
  }

  /** The object's own path. */
  record Whole() implements Part {
    @Override
    public String name() {
      return "";
    }
  }

  /** {@code /scale}: the object's own rules, by another path. */
  record Scaled() implements Part {
    @Override
    public String name() {
      return "scale";
    }
  }

  /** {@code /status}. */
  record Status() implements Part {
    @Override
    public String name() {
      return "status";
    }

    @Override
    public void prepare(ResourceType type, ObjectNode object, ObjectNode old) {
      type.strategy().prepareForStatusUpdate(object, old);
    }

    @Override
    public List<FieldError> validate(ResourceType type, ObjectNode object, ObjectNode old) {
      return type.strategy().validateStatusUpdate(object, old);
    }
  }

  /** A part with rules of its own. */
  record Edited(Subresource.Edit edit) implements Part {
    @Override
    public String name() {
      return edit.name();
    }

    @Override
    public void prepare(ResourceType type, ObjectNode object, ObjectNode old) {
      edit.strategy().prepareForUpdate(object, old);
    }

    @Override
    public List<FieldError> validate(ResourceType type, ObjectNode object, ObjectNode old) {
      return edit.strategy().validateUpdate(object, old);
    }
  }

  /**
   * A change that the server itself makes on behalf of a request, such as a binding: it touches
   * what the object's own path may not.
   */
  record Internal(String name) implements Part {
    @Override
    public void prepare(ResourceType type, ObjectNode object, ObjectNode old) {}

    @Override
    public List<FieldError> validate(ResourceType type, ObjectNode object, ObjectNode old) {
      return List.of();
    }
  }

  /** The part of a subresource's path. */
  static Part of(Subresource subresource) {
    return switch (subresource) {
      case Subresource.Status status -> new Status();
      case Subresource.Edit edit -> new Edited(edit);
      case Subresource.Scale scale -> new Scaled();
      case Subresource.Action action -> new Internal(action.name());
      case Subresource.Connect connect -> new Internal(connect.name());
    };
  }
}
