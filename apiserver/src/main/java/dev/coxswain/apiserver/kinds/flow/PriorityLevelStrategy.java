package dev.coxswain.apiserver.kinds.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.flow.FlowObjects;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of PriorityLevelConfigurations: how many requests run, and how others wait. */
public final class PriorityLevelStrategy extends StandardStrategy {
  private static final String EXEMPT = "exempt";
  private static final int SHARES = 30;
  private static final int QUEUES = 64;
  private static final int HAND_SIZE = 8;
  private static final int QUEUE_LENGTH = 50;
  private static final int MOST_QUEUES = 10_000_000;

  /** How many bits of a flow's hash there are to deal its hand by. */
  private static final int HASH_BITS = 60;

  private static final String NOT_NEGATIVE = "must be a non-negative integer";

  /** Rules on this shape. */
  public PriorityLevelStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (Json.at(object, "spec", EXEMPT) instanceof ObjectNode exempt) {
      Defaults.number(exempt, "nominalConcurrencyShares", 0);
      Defaults.number(exempt, "lendablePercent", 0);
    }
    if (Json.at(object, "spec", "limited") instanceof ObjectNode limited) {
      Defaults.number(limited, "nominalConcurrencyShares", SHARES);
      Defaults.number(limited, "lendablePercent", 0);
      if (Json.at(limited, "limitResponse", "queuing") instanceof ObjectNode queuing) {
        Defaults.positive(queuing, "handSize", HAND_SIZE);
        Defaults.positive(queuing, "queues", QUEUES);
        Defaults.positive(queuing, "queueLengthLimit", QUEUE_LENGTH);
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    String name = Json.text(object, "metadata", "name");
    JsonNode spec = object.path("spec");
    String type = Json.text(spec, "type");
    if (name.equals(EXEMPT) != type.equals("Exempt")) {
      errors.add(
          FieldError.invalid(
              "spec.type", type, "type must be 'Exempt' if and only if name is 'exempt'"));
    }
    switch (type) {
      case "Exempt" -> {
        if (spec.path("limited").isObject()) {
          errors.add(
              FieldError.forbidden("spec.limited", "must be nil if the type is not Limited"));
        }
        shares(spec.path(EXEMPT), "spec.exempt", errors);
      }
      case "Limited" -> limited(spec, errors);
      default ->
          errors.add(FieldError.notSupported("spec.type", type, Set.of("Exempt", "Limited")));
    }
    fixed(object, name, errors);
  }

  private static void fixed(ObjectNode object, String name, List<FieldError> errors) {
    FlowObjects.mandatory("PriorityLevelConfiguration", name)
        .ifPresent(fixed -> {
          if (name.equals(EXEMPT)) {
            // Its shares are the operator's own.
            ObjectNode rest = object.deepCopy();
            Json.ensureObject(rest, "spec").remove(EXEMPT);
            ObjectNode wanted = fixed.deepCopy();
            wanted.remove(EXEMPT);
            FlowConditions.mandatory(
                rest,
                name,
                wanted,
                " except the 'spec.exempt' field must equal the fixed value",
                errors);
          } else {
            FlowConditions.mandatory(object, name, fixed, " must equal the fixed value", errors);
          }
        });
  }

  private static void shares(JsonNode level, String path, List<FieldError> errors) {
    JsonNode shares = level.path("nominalConcurrencyShares");
    if (shares.asLong(0) < 0) {
      errors.add(FieldError.invalid(path + ".nominalConcurrencyShares", shares, NOT_NEGATIVE));
    }
    Checks.range(level, "lendablePercent", 0, 100, path, errors);
  }

  private static void limited(JsonNode spec, List<FieldError> errors) {
    if (spec.path(EXEMPT).isObject()) {
      errors.add(FieldError.forbidden("spec.exempt", "must be nil if the type is Limited"));
    }
    JsonNode limited = spec.path("limited");
    if (!limited.isObject()) {
      errors.add(FieldError.required("spec.limited", "must not be empty when type is Limited"));
      return;
    }
    shares(limited, "spec.limited", errors);
    JsonNode borrowing = limited.path("borrowingLimitPercent");
    if (borrowing.asLong(0) < 0) {
      errors.add(
          FieldError.invalid(
              "spec.limited.borrowingLimitPercent", borrowing, "if specified, " + NOT_NEGATIVE));
    }
    response(limited.path("limitResponse"), errors);
  }

  private static void response(JsonNode response, List<FieldError> errors) {
    String path = "spec.limited.limitResponse";
    JsonNode queuing = response.path("queuing");
    switch (Json.text(response, "type")) {
      case "Reject" -> {
        if (queuing.isObject()) {
          errors.add(
              FieldError.forbidden(
                  path + ".queuing", "must be nil if limited.limitResponse.type is not Limited"));
        }
      }
      case "Queue" -> {
        if (queuing.isObject()) {
          queuing(queuing, path + ".queuing", errors);
        } else {
          errors.add(
              FieldError.required(
                  path + ".queuing", "must not be empty if limited.limitResponse.type is Limited"));
        }
      }
      default ->
          errors.add(
              FieldError.notSupported(
                  path + ".type", Json.text(response, "type"), Set.of("Queue", "Reject")));
    }
  }

  private static void queuing(JsonNode queuing, String path, List<FieldError> errors) {
    long queues = queuing.path("queues").asLong(0);
    long hand = queuing.path("handSize").asLong(0);
    for (String field : List.of("queueLengthLimit", "queues", "handSize")) {
      if (queuing.path(field).asLong(0) <= 0) {
        errors.add(FieldError.invalid(path + "." + field, queuing.path(field), "must be positive"));
      }
    }
    if (queues > MOST_QUEUES) {
      errors.add(
          FieldError.invalid(path + ".queues", queues, "must not be greater than " + MOST_QUEUES));
    }
    if (hand > queues) {
      errors.add(
          FieldError.invalid(
              path + ".handSize", hand, "should not be greater than queues (" + queues + ")"));
    } else if (hand > 0
        && Math.ceil(Math.log((double) queues) / Math.log(2) * (double) hand) > HASH_BITS) {
      errors.add(
          FieldError.invalid(
              path + ".handSize",
              hand,
              "required entropy bits of deckSize "
                  + queues
                  + " and handSize "
                  + hand
                  + " should not be greater than "
                  + HASH_BITS));
    }
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    FlowConditions.check(object, errors);
    return errors;
  }
}
