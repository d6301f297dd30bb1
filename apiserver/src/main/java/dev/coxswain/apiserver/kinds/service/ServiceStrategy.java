package dev.coxswain.apiserver.kinds.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.cel.library.AddressBlock;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of services. Addresses and node ports are given out when the service is stored. */
public final class ServiceStrategy extends StandardStrategy {
  private static final int AFFINITY_SECONDS = 10800;
  private static final int MAXIMUM_AFFINITY_SECONDS = 86400;
  private static final Set<String> TYPES =
      Set.of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
  private static final Set<String> NEARNESS =
      Set.of("PreferClose", "PreferSameNode", "PreferSameZone");

  private static final String BALANCED_ONLY = "may only be used when `type` is 'LoadBalancer'";

  /** Rules on this shape. */
  public ServiceStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForCreate(ObjectNode object) {
    super.prepareForCreate(object);
    object.putObject("status").putObject("loadBalancer");
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    Defaults.text(spec, "sessionAffinity", "None");
    if (Json.text(spec, "sessionAffinity").equals("None")) {
      spec.remove("sessionAffinityConfig");
    } else {
      Defaults.number(
          Json.ensureObject(spec, "sessionAffinityConfig", "clientIP"),
          "timeoutSeconds",
          AFFINITY_SECONDS);
    }
    Defaults.text(spec, "type", "ClusterIP");
    for (JsonNode port : spec.path("ports")) {
      if (port instanceof ObjectNode portNode) {
        fillPort(portNode);
      }
    }
    String type = Json.text(spec, "type");
    if (reachedFromOutside(spec)) {
      Defaults.text(spec, "externalTrafficPolicy", "Cluster");
    }
    if (type.equals("LoadBalancer")) {
      Defaults.flag(spec, "allocateLoadBalancerNodePorts", true);
    }
    if (!type.equals("ExternalName")) {
      Defaults.text(spec, "internalTrafficPolicy", "Cluster");
      Defaults.text(spec, "ipFamilyPolicy", "SingleStack");
      if (spec.path("ipFamilies").isEmpty()) {
        spec.putArray("ipFamilies").add("IPv4");
      }
    }
    for (JsonNode ingress : Json.at(object, "status", "loadBalancer", "ingress")) {
      if (ingress instanceof ObjectNode entry && !Json.text(entry, "ip").isEmpty()) {
        Defaults.text(entry, "ipMode", "VIP");
      }
    }
  }

  private static void fillPort(ObjectNode port) {
    Defaults.text(port, "protocol", "TCP");
    JsonNode target = port.path("targetPort");
    boolean unset = Defaults.isUnset(target) || (target.isNumber() && target.asInt() == 0);
    if (unset && port.has("port")) {
      port.set("targetPort", port.path("port"));
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    String type = Json.text(spec, "type");
    Checks.oneOf(spec, "type", TYPES, "spec", errors);
    boolean headless = Json.text(spec, "clusterIP").equals("None");
    if (spec.path("ports").isEmpty() && !headless && !type.equals("ExternalName")) {
      errors.add(FieldError.required("spec.ports", ""));
    }
    switch (type) {
      case "ExternalName" -> externalName(spec, errors);
      case "LoadBalancer", "NodePort" -> {
        if (headless) {
          errors.add(
              FieldError.invalid(
                  "spec.clusterIPs[0]",
                  "None",
                  "may not be set to 'None' for " + type + " services"));
        }
      }
      default -> {
        // A plain service has no further rules.
      }
    }
    ports(spec, errors);
    Checks.labels(spec.path("selector"), "spec.selector", errors);
    affinity(spec, errors);
    outside(spec, errors);
    if (!Json.text(spec, "trafficDistribution").isEmpty()) {
      Checks.oneOf(spec, "trafficDistribution", NEARNESS, "spec", errors);
    }
    if (!Json.text(spec, "externalTrafficPolicy").isEmpty()
        && !reachedFromOutside(spec)
        && spec.path("externalIPs").isEmpty()) {
      errors.add(
          FieldError.invalid(
              "spec.externalTrafficPolicy",
              Json.text(spec, "externalTrafficPolicy"),
              "may only be set for externally-accessible services"));
    }
    int health = spec.path("healthCheckNodePort").asInt(0);
    if (health != 0 && !needsHealthCheck(spec)) {
      errors.add(
          FieldError.invalid(
              "spec.healthCheckNodePort",
              health,
              "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is"
                  + " 'Local'"));
    }
  }

  /**
   * Whether every node says, at a port that the Service is given, whether it has endpoints of it: a
   * balancer must know, where traffic stays on the node at which it arrives.
   */
  public static boolean needsHealthCheck(JsonNode spec) {
    return Json.text(spec, "type").equals("LoadBalancer")
        && Json.text(spec, "externalTrafficPolicy").equals("Local");
  }

  private static void externalName(JsonNode spec, List<FieldError> errors) {
    String name = Json.text(spec, "externalName");
    if (name.isEmpty()) {
      errors.add(FieldError.required("spec.externalName", ""));
    } else {
      String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
      Checks.form(Names.subdomain(bare), "spec.externalName", name, errors);
    }
    String address = Json.text(spec, "clusterIP");
    if (!address.isEmpty()) {
      errors.add(
          FieldError.forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
    }
  }

  private static void ports(JsonNode spec, List<FieldError> errors) {
    Set<String> names = new HashSet<>();
    Set<String> numbers = new HashSet<>();
    Set<String> ofNodes = new HashSet<>();
    boolean several = spec.path("ports").size() > 1;
    int index = 0;
    for (JsonNode port : spec.path("ports")) {
      String at = "spec.ports[" + index++ + "]";
      String name = Json.text(port, "name");
      if (name.isEmpty()) {
        if (several) {
          errors.add(FieldError.required(at + ".name", ""));
        }
      } else {
        Checks.form(Names.label(name), at + ".name", name, errors);
        if (!names.add(name)) {
          errors.add(FieldError.duplicate(at + ".name", name));
        }
      }
      Checks.portNumber(
          port.path("port").isMissingNode()
              ? tools.jackson.databind.node.IntNode.valueOf(0)
              : port.path("port"),
          at + ".port",
          errors);
      Checks.oneOf(port, "protocol", Checks.PROTOCOLS, at, errors);
      if (port.has("targetPort")) {
        Checks.port(port.path("targetPort"), at + ".targetPort", errors);
      }
      if (!numbers.add(port.path("port") + "/" + Json.text(port, "protocol"))) {
        errors.add(FieldError.duplicate(at, port));
      }
      int ofNode = port.path("nodePort").asInt(0);
      if (ofNode != 0 && !ofNodes.add(ofNode + "/" + Json.text(port, "protocol"))) {
        errors.add(FieldError.duplicate(at + ".nodePort", ofNode));
      }
      if (Json.text(spec, "type").equals("ClusterIP") && ofNode != 0) {
        errors.add(
            FieldError.forbidden(at + ".nodePort", "may not be used when `type` is 'ClusterIP'"));
      }
    }
  }

  /** What says how it is reached from outside. */
  private static void outside(JsonNode spec, List<FieldError> errors) {
    EndpointRules addresses = new EndpointRules(errors);
    int index = 0;
    for (JsonNode address : spec.path("externalIPs")) {
      addresses.address(address.asString(""), "spec.externalIPs[" + index++ + "]");
    }
    boolean balanced = Json.text(spec, "type").equals("LoadBalancer");
    // Upstream's path begins with a capital.
    String ranges = "spec.LoadBalancerSourceRanges";
    if (!balanced && !spec.path("loadBalancerSourceRanges").isEmpty()) {
      errors.add(FieldError.forbidden(ranges, BALANCED_ONLY));
    }
    index = 0;
    for (JsonNode range : spec.path("loadBalancerSourceRanges")) {
      String cidr = range.asString("").strip();
      Checks.form(AddressBlock.legacyProblem(cidr), ranges + "[" + index++ + "]", cidr, errors);
    }
    for (String field : List.of("allocateLoadBalancerNodePorts", "loadBalancerClass")) {
      if (!balanced && spec.hasNonNull(field)) {
        errors.add(FieldError.forbidden("spec." + field, BALANCED_ONLY));
      }
    }
    if (balanced && spec.hasNonNull("loadBalancerClass")) {
      String name = Json.text(spec, "loadBalancerClass");
      Checks.form(Names.qualifiedName(name), "spec.loadBalancerClass", name, errors);
    }
  }

  private static void affinity(JsonNode spec, List<FieldError> errors) {
    Checks.oneOf(spec, "sessionAffinity", Set.of("ClientIP", "None"), "spec", errors);
    JsonNode seconds = Json.at(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
    if (seconds.isNumber()
        && (seconds.asLong() <= 0 || seconds.asLong() > MAXIMUM_AFFINITY_SECONDS)) {
      errors.add(
          FieldError.invalid(
              "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
              seconds,
              "must be greater than 0 and less than 86400"));
    }
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    ObjectNode spec = Json.ensureObject(object, "spec");
    letGoOfAddresses(spec, old);
    letGoOfOpenings(spec, old.path("spec"));
  }

  /** A name needs no address: one that the client only repeats, or half repeats, is let go of. */
  private static void letGoOfAddresses(ObjectNode spec, ObjectNode old) {
    if (!Json.text(spec, "type").equals("ExternalName")
        || Json.text(old, "spec", "type").equals("ExternalName")) {
      return;
    }
    String address = Json.text(spec, "clusterIP");
    boolean repeated = address.isEmpty() || address.equals(Json.text(old, "spec", "clusterIP"));
    if (repeated && spec.path("clusterIPs").equals(old.path("spec").path("clusterIPs"))) {
      spec.remove("clusterIP");
      spec.remove("clusterIPs");
      dropRepeated(spec, old.path("spec"), "ipFamilies");
      dropRepeated(spec, old.path("spec"), "ipFamilyPolicy");
    }
  }

  /** What only a service that is reached from outside has, and the client merely repeats. */
  private static void letGoOfOpenings(ObjectNode spec, JsonNode old) {
    if (reachedFromOutside(old) && !reachedFromOutside(spec)) {
      if (nodePorts(old).containsAll(nodePorts(spec))) {
        for (JsonNode port : spec.path("ports")) {
          if (port instanceof ObjectNode portNode) {
            portNode.remove("nodePort");
          }
        }
      }
      if (spec.path("externalIPs").isEmpty()) {
        dropRepeated(spec, old, "externalTrafficPolicy");
      }
    }
    if (needsHealthCheck(old) && !needsHealthCheck(spec)) {
      dropRepeated(spec, old, "healthCheckNodePort");
    }
    if (Json.text(old, "type").equals("LoadBalancer")
        && !Json.text(spec, "type").equals("LoadBalancer")) {
      dropRepeated(spec, old, "allocateLoadBalancerNodePorts");
      dropRepeated(spec, old, "loadBalancerClass");
    }
  }

  private static boolean needsBalancer(ObjectNode service) {
    return Json.text(service, "spec", "type").equals("LoadBalancer");
  }

  private static boolean reachedFromOutside(JsonNode spec) {
    String type = Json.text(spec, "type");
    return type.equals("NodePort") || type.equals("LoadBalancer");
  }

  private static Set<Integer> nodePorts(JsonNode spec) {
    Set<Integer> ports = new HashSet<>();
    for (JsonNode port : spec.path("ports")) {
      if (port.path("nodePort").asInt(0) != 0) {
        ports.add(port.path("nodePort").asInt());
      }
    }
    return ports;
  }

  private static void dropRepeated(ObjectNode spec, JsonNode old, String field) {
    if (spec.path(field).equals(old.path(field))) {
      spec.remove(field);
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    String before = Json.text(old, "spec", "clusterIP");
    String now = Json.text(object, "spec", "clusterIP");
    boolean named =
        Json.text(object, "spec", "type").equals("ExternalName")
            || Json.text(old, "spec", "type").equals("ExternalName");
    if (!named && !before.isEmpty() && !now.isEmpty() && !now.equals(before)) {
      errors.add(FieldError.invalid("spec.clusterIPs[0]", now, "may not change once set"));
    }
    JsonNode balancer = old.at("/spec/loadBalancerClass");
    if (needsBalancer(old)
        && needsBalancer(object)
        && !Json.same(balancer, object.at("/spec/loadBalancerClass"))) {
      String wanted = Json.text(object, "spec", "loadBalancerClass");
      errors.add(FieldError.invalid("spec.loadBalancerClass", wanted, "may not change once set"));
    }
    int given = old.at("/spec/healthCheckNodePort").asInt(0);
    int wanted = object.at("/spec/healthCheckNodePort").asInt(0);
    if (needsHealthCheck(object.path("spec")) && given != 0 && wanted != 0 && wanted != given) {
      errors.add(FieldError.forbidden("spec.healthCheckNodePort", "field is immutable"));
    }
  }
}
