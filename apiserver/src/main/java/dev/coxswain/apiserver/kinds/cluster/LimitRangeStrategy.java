package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of LimitRanges. What one says of containers is filled in here, so that whoever gets
 * defaults by it gets all of them: a limit where there is only a greatest one, and a request
 * wherever there is a limit.
 */
public final class LimitRangeStrategy extends StandardStrategy {
  private static final String DEFAULT = "default";
  private static final String REQUEST = "defaultRequest";
  private static final String RATIO = "maxLimitRequestRatio";
  private static final String POD = "Pod";
  private static final String CONTAINER = "Container";
  private static final String CLAIM = "PersistentVolumeClaim";

  /** What containers and pods have of Kubernetes' own resources. */
  private static final Set<String> COMPUTE = Set.of("cpu", "ephemeral-storage", "memory");

  /** Rules on this shape. */
  public LimitRangeStrategy(Schema schema) {
    super(schema, false, false);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    for (JsonNode limit : Json.at(object, "spec", "limits")) {
      if (limit instanceof ObjectNode item && Json.text(item, "type").equals(CONTAINER)) {
        fill(item, "max", DEFAULT);
        fill(item, DEFAULT, REQUEST);
        fill(item, "min", REQUEST);
      }
    }
  }

  private static void fill(ObjectNode limit, String from, String to) {
    for (Map.Entry<String, JsonNode> amount : limit.path(from).properties()) {
      ObjectNode target = Json.ensureObject(limit, to);
      if (!target.has(amount.getKey())) {
        target.set(amount.getKey(), amount.getValue());
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    Set<String> types = new HashSet<>();
    int index = 0;
    for (JsonNode limit : Json.at(object, "spec", "limits")) {
      String path = "spec.limits[" + index++ + "]";
      String type = Json.text(limit, "type");
      type(type, path + ".type", errors);
      if (!types.add(type)) {
        errors.add(FieldError.duplicate(path + ".type", type));
      }
      limit(limit, type, path, errors);
    }
  }

  private static void type(String type, String path, List<FieldError> errors) {
    if (Set.of(POD, CONTAINER, CLAIM).contains(type)) {
      return;
    }
    Checks.form(Names.qualifiedName(type), path, type, errors);
    if (type.indexOf('/') < 0 && Names.qualifiedName(type).isEmpty()) {
      errors.add(
          FieldError.invalid(path, type, "must be a standard limit type or fully qualified"));
    }
  }

  private static void limit(JsonNode limit, String type, String path, List<FieldError> errors) {
    names(limit, List.of("max", "min", RATIO), type, path, errors);
    if (type.equals(POD)) {
      for (String field : List.of(DEFAULT, REQUEST)) {
        if (!limit.path(field).isEmpty()) {
          errors.add(
              FieldError.forbidden(
                  path + "." + field, "may not be specified when `type` is 'Pod'"));
        }
      }
    } else {
      names(limit, List.of(DEFAULT, REQUEST), type, path, errors);
    }
    if (type.equals(CLAIM)
        && !limit.path("min").has("storage")
        && !limit.path("max").has("storage")) {
      errors.add(
          FieldError.required(
              path + ".limits",
              "either minimum or maximum storage value is required, but neither was provided"));
    }
    Set<String> resources = new TreeSet<>();
    for (String field : List.of("max", "min", DEFAULT, REQUEST, RATIO)) {
      resources.addAll(limit.path(field).propertyNames());
    }
    for (String resource : resources) {
      new Amounts(limit, resource, path, errors).check();
    }
  }

  private static void names(
      JsonNode limit, List<String> fields, String type, String path, List<FieldError> errors) {
    for (String field : fields) {
      for (String name : limit.path(field).propertyNames()) {
        String at = path + "." + field + "[" + name + "]";
        Checks.form(Names.qualifiedName(name), at, name, errors);
        boolean ofContainers = type.equals(POD) || type.equals(CONTAINER);
        boolean known = COMPUTE.contains(name) || name.startsWith("hugepages-");
        if (ofContainers && name.indexOf('/') < 0 && !known) {
          errors.add(FieldError.invalid(at, name, "must be a standard resource for containers"));
        }
      }
    }
  }

  /** What one limit says of one resource. */
  private record Amounts(JsonNode limit, String resource, String path, List<FieldError> errors) {
    void check() {
      least("min", "max", "min", "min value %s is greater than max value %s");
      least("min", REQUEST, REQUEST, "min value %s is greater than default request value %s");
      least(REQUEST, "max", REQUEST, "default request value %s is greater than max value %s");
      least(
          REQUEST,
          DEFAULT,
          REQUEST,
          "default request value %s is greater than default limit value %s");
      least("min", DEFAULT, DEFAULT, "min value %s is greater than default value %s");
      least(DEFAULT, "max", DEFAULT, "default value %s is greater than max value %s");
      if (!given(RATIO)) {
        return;
      }
      if (amount(RATIO).compareTo(Quantity.of(1)) < 0) {
        wrong(RATIO, "ratio " + amount(RATIO) + " is less than 1");
      }
      if (given("min") && given("max") && amount("min").signum() > 0) {
        double most = amount("max").value().doubleValue() / amount("min").value().doubleValue();
        if (amount(RATIO).value().doubleValue() > most) {
          wrong(
              RATIO,
              "ratio "
                  + amount(RATIO)
                  + " is greater than max/min = "
                  + String.format(Locale.ROOT, "%f", most));
        }
      }
    }

    /** One amount is not more than another; which of the two is at fault is upstream's word. */
    private void least(String lower, String upper, String blamed, String text) {
      if (given(lower) && given(upper) && amount(lower).compareTo(amount(upper)) > 0) {
        wrong(blamed, text.formatted(amount(lower), amount(upper)));
      }
    }

    private boolean given(String field) {
      return limit.path(field).has(resource);
    }

    private Quantity amount(String field) {
      return Quantity.parse(limit.path(field).path(resource).asString("0"));
    }

    private void wrong(String field, String why) {
      String at = path + "." + field + "[" + resource + "]";
      errors.add(FieldError.invalid(at, amount(field).toString(), why));
    }
  }
}
