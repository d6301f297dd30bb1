package dev.coxswain.apiserver.kinds.event;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The rules of events. */
public final class EventStrategy extends StandardStrategy {
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
}
