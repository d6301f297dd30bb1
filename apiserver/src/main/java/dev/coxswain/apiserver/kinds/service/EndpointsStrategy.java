package dev.coxswain.apiserver.kinds.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of endpoints, as one object or in slices. */
public final class EndpointsStrategy extends StandardStrategy {
  /** The lists that a slice always tells; an empty one as null, as typed servers write it. */
  private static final List<String> LISTS = List.of("endpoints", "ports");

  private final boolean sliced;

  /**
   * Rules on a shape.
   *
   * @param sliced whether these are slices
   */
  public EndpointsStrategy(Schema schema, boolean sliced) {
    super(schema, false, sliced);
    this.sliced = sliced;
  }

  @Override
  public boolean mayCreateOnUpdate() {
    return !sliced;
  }

  /** Labels say whose endpoints these are, and so count as what is wanted. */
  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    if (sliced
        && sameWanted(object, old)
        && !Json.same(Json.at(object, "metadata", "labels"), Json.at(old, "metadata", "labels"))) {
      Json.ensureObject(object, "metadata")
          .put("generation", Json.number(old, 1, "metadata", "generation") + 1);
    }
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (sliced) {
      fillPorts(object.path("ports"));
      LISTS.forEach(list -> fillList(object, list));
      return;
    }
    for (JsonNode subset : object.path("subsets")) {
      fillPorts(subset.path("ports"));
    }
  }

  private static void fillList(ObjectNode slice, String list) {
    if (slice.path(list).isEmpty()) {
      slice.putNull(list);
    }
  }

  private void fillPorts(JsonNode ports) {
    for (JsonNode port : ports) {
      if (port instanceof ObjectNode object) {
        Defaults.text(object, "protocol", "TCP");
        if (sliced && !object.has("name")) {
          object.put("name", "");
        }
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    EndpointRules rules = new EndpointRules(errors);
    if (sliced) {
      rules.slice(object);
    } else {
      rules.subsets(object.path("subsets"));
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    if (sliced) {
      Checks.immutable(object.path("addressType"), old.path("addressType"), "addressType", errors);
    }
  }
}
