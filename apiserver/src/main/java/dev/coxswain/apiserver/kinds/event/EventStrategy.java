package dev.coxswain.apiserver.kinds.event;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The rules of events. */
public final class EventStrategy extends StandardStrategy {
  private static final int LONGEST_WORD = 128;
  private static final int LONGEST_NOTE = 1024;

  private final String object;

  /**
   * Rules on a shape.
   *
   * @param object the field that says what an event is about
   */
  public EventStrategy(Schema schema, String object) {
    super(schema, false, false);
    this.object = object;
  }

  @Override
  public boolean mayCreateOnUpdate() {
    return true;
  }

  @Override
  protected void validateInto(ObjectNode event, List<FieldError> errors) {
    String about = Json.text(event, object, "namespace");
    String namespace = Json.text(event, "metadata", "namespace");
    // What lives in no namespace has its events in the default one.
    boolean matches = about.isEmpty() ? namespace.equals("default") : about.equals(namespace);
    if (!matches && !namespace.equals("kube-system")) {
      errors.add(
          FieldError.invalid(object + ".namespace", about, "does not match event.namespace"));
    }
  }

  /** Events of their own group say who reports what; those of the core group may be older. */
  @Override
  protected void validateBesideInto(
      ObjectNode event, @Nullable ObjectNode old, List<FieldError> errors) {
    if (old != null || !object.equals("regarding")) {
      return;
    }
    for (String field : List.of("reportingController", "reportingInstance", "action", "reason")) {
      String text = Json.text(event, field);
      if (text.isEmpty()) {
        errors.add(FieldError.required(field, ""));
      } else if (field.equals("reportingController")) {
        Checks.form(Names.qualifiedName(text), field, text, errors);
      } else if (text.length() > LONGEST_WORD) {
        errors.add(
            FieldError.invalid(field, "", "can have at most " + LONGEST_WORD + " characters"));
      }
    }
    if (Json.text(event, "note").length() > LONGEST_NOTE) {
      errors.add(
          FieldError.invalid("message", "", "can have at most " + LONGEST_NOTE + " characters"));
    }
    String type = Json.text(event, "type");
    if (!type.equals("Normal") && !type.equals("Warning")) {
      errors.add(FieldError.invalid("type", "", "has invalid value: " + type));
    }
  }
}
