package dev.coxswain.apiserver.kinds.network;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.library.AddressBlock;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of network policies: who may talk to whom, at which ports. */
public final class NetworkPolicyStrategy extends StandardStrategy {
  private static final List<String> DIRECTIONS = List.of("ingress", "egress");
  private static final Set<String> TYPES = Set.of("Egress", "Ingress");

  /** Rules on this shape. */
  public NetworkPolicyStrategy(Schema schema) {
    super(schema, false, true);
  }

  /** Where the peers of a direction stand. */
  private static String peers(String direction) {
    return direction.equals("ingress") ? "from" : "to";
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    for (String direction : DIRECTIONS) {
      for (JsonNode rule : spec.path(direction)) {
        for (JsonNode port : rule.path("ports")) {
          if (port instanceof ObjectNode node) {
            Defaults.text(node, "protocol", "TCP");
          }
        }
      }
    }
    if (spec.path("policyTypes").isEmpty()) {
      var types = spec.putArray("policyTypes").add("Ingress");
      if (!spec.path("egress").isEmpty()) {
        types.add("Egress");
      }
    }
  }

  @Override
  protected void validateBesideInto(
      ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    // A block that is there stays, however it is written.
    Set<String> known = old == null ? Set.of() : blocks(old.path("spec"));
    Checks.selector(spec.path("podSelector"), "spec.podSelector", errors);
    for (String direction : DIRECTIONS) {
      int index = 0;
      for (JsonNode rule : spec.path(direction)) {
        String path = "spec." + direction + "[" + index++ + "]";
        int number = 0;
        for (JsonNode port : rule.path("ports")) {
          port(port, path + ".ports[" + number++ + "]", errors);
        }
        number = 0;
        String field = peers(direction);
        for (JsonNode peer : rule.path(field)) {
          peer(peer, path + "." + field + "[" + number++ + "]", known, errors);
        }
      }
    }
    types(spec.path("policyTypes"), errors);
  }

  private static Set<String> blocks(JsonNode spec) {
    Set<String> blocks = new HashSet<>();
    for (String direction : DIRECTIONS) {
      for (JsonNode rule : spec.path(direction)) {
        for (JsonNode peer : rule.path(peers(direction))) {
          JsonNode block = peer.path("ipBlock");
          blocks.add(Json.text(block, "cidr"));
          block.path("except").forEach(except -> blocks.add(except.asString("")));
        }
      }
    }
    return blocks;
  }

  private static void types(JsonNode types, List<FieldError> errors) {
    if (types.size() > TYPES.size()) {
      errors.add(
          FieldError.invalid(
              "spec.policyTypes", types, "may not specify more than two policyTypes"));
      return;
    }
    int index = 0;
    for (JsonNode type : types) {
      String path = "spec.policyTypes[" + index++ + "]";
      if (!TYPES.contains(type.asString(""))) {
        errors.add(FieldError.notSupported(path, type.asString(""), TYPES));
      }
    }
  }

  private static void port(JsonNode port, String path, List<FieldError> errors) {
    String protocol = Json.text(port, "protocol");
    if (!protocol.isEmpty() && !Checks.PROTOCOLS.contains(protocol)) {
      errors.add(FieldError.notSupported(path + ".protocol", protocol, Checks.PROTOCOLS));
    }
    JsonNode number = port.path("port");
    JsonNode end = port.path("endPort");
    boolean ends = end.isIntegralNumber();
    if (Defaults.isUnset(number) && !number.isString()) {
      if (ends) {
        errors.add(
            FieldError.invalid(
                path + ".endPort", end, "may not be specified when `port` is not specified"));
      }
      return;
    }
    Checks.port(number, path + ".port", errors);
    if (!ends) {
      return;
    }
    if (number.isString()) {
      errors.add(
          FieldError.invalid(
              path + ".endPort", end, "may not be specified when `port` is non-numeric"));
      return;
    }
    if (end.asLong() < number.asLong()) {
      errors.add(
          FieldError.invalid(path + ".endPort", end, "must be greater than or equal to `port`"));
    }
    Checks.portNumber(end, path + ".endPort", errors);
  }

  private static void peer(JsonNode peer, String path, Set<String> known, List<FieldError> errors) {
    boolean selects = false;
    for (String field : List.of("podSelector", "namespaceSelector")) {
      if (peer.path(field).isObject()) {
        selects = true;
        Checks.selector(peer.path(field), path + "." + field, errors);
      }
    }
    boolean block = peer.path("ipBlock").isObject();
    if (block) {
      block(peer.path("ipBlock"), path + ".ipBlock", known, errors);
    }
    if (!block && !selects) {
      errors.add(FieldError.required(path, "must specify a peer"));
    } else if (block && selects) {
      errors.add(FieldError.forbidden(path, "may not specify both ipBlock and another peer"));
    }
  }

  private static void block(
      JsonNode block, String path, Set<String> known, List<FieldError> errors) {
    String cidr = Json.text(block, "cidr");
    if (cidr.isEmpty()) {
      errors.add(FieldError.required(path + ".cidr", ""));
      return;
    }
    if (!known.contains(cidr)) {
      Checks.form(AddressBlock.legacyProblem(cidr), path + ".cidr", cidr, errors);
    }
    int index = 0;
    for (JsonNode part : block.path("except")) {
      String place = path + ".except[" + index++ + "]";
      String except = part.asString("");
      if (!known.contains(except)) {
        Checks.form(AddressBlock.legacyProblem(except), place, except, errors);
      }
      if (AddressBlock.legacyProblem(cidr).isEmpty()
          && AddressBlock.legacyProblem(except).isEmpty()
          && !AddressBlock.strictlyWithin(except, cidr)) {
        errors.add(FieldError.invalid(place, except, "must be a strict subset of `cidr`"));
      }
    }
  }
}
