package dev.coxswain.apiserver.flow;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The levels and schemas that every cluster begins with; names and values are upstream's. */
public final class FlowObjects {
  static final String EXEMPT = "exempt";
  static final String CATCH_ALL = "catch-all";

  private static final String VERSION = "flowcontrol.apiserver.k8s.io/v1";
  private static final String AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";
  private static final String NODES = "system:nodes";
  private static final String ACCOUNTS = "system:serviceaccounts";
  private static final String BY_USER = "ByUser";
  private static final String BY_NAMESPACE = "ByNamespace";
  private static final Set<String> MANDATORY = Set.of(EXEMPT, CATCH_ALL);

  private FlowObjects() {}

  /** All of them, levels first. */
  public static List<ObjectNode> all() {
    List<ObjectNode> all = new ArrayList<>(levels());
    all.addAll(schemas());
    return all;
  }

  /**
   * What becomes of an object that is there: those that the server cannot do without are put right,
   * others only as long as nobody has asked to keep them as they are.
   */
  public static Optional<ObjectNode> reconcile(ObjectNode stored, ObjectNode wanted) {
    boolean ours =
        MANDATORY.contains(Json.text(wanted, "metadata", "name"))
            || Json.text(stored, "metadata", "annotations", AUTO_UPDATE).equals("true");
    boolean adjustable =
        Json.text(wanted, "spec", "type").equals("Exempt")
            && Json.text(stored, "spec", "type").equals("Exempt");
    if (!ours || adjustable || Json.same(stored.path("spec"), wanted.path("spec"))) {
      return Optional.empty();
    }
    ObjectNode next = stored.deepCopy();
    next.set("spec", wanted.path("spec").deepCopy());
    return Optional.of(next);
  }

  /** What the spec of an object that the server cannot do without must be; empty for others. */
  public static Optional<ObjectNode> mandatory(String kind, String name) {
    return !MANDATORY.contains(name)
        ? Optional.empty()
        : all().stream()
            .filter(object ->
                Json.text(object, "kind").equals(kind)
                    && Json.text(object, "metadata", "name").equals(name))
            .findFirst()
            .map(object -> Json.ensureObject(object, "spec"));
  }

  static List<ObjectNode> levels() {
    ObjectNode exempt = object("PriorityLevelConfiguration", EXEMPT);
    Json.ensureObject(exempt, "spec")
        .put("type", "Exempt")
        .putObject("exempt")
        .put("nominalConcurrencyShares", 0)
        .put("lendablePercent", 0);
    ObjectNode catchAll = limited(CATCH_ALL, 5, 0);
    Json.ensureObject(catchAll, "spec", "limited").putObject("limitResponse").put("type", "Reject");
    return List.of(
        exempt,
        catchAll,
        queued("system", 30, 33, 64, 6),
        queued("node-high", 40, 25, 64, 6),
        queued("leader-election", 10, 0, 16, 4),
        queued("workload-high", 40, 50, 128, 6),
        queued("workload-low", 100, 90, 128, 6),
        queued("global-default", 20, 50, 128, 6));
  }

  private static ObjectNode queued(
      String name, int shares, int lendable, int queues, int handSize) {
    ObjectNode level = limited(name, shares, lendable);
    ObjectNode response =
        Json.ensureObject(level, "spec", "limited").putObject("limitResponse").put("type", "Queue");
    response
        .putObject("queuing")
        .put("queues", queues)
        .put("handSize", handSize)
        .put("queueLengthLimit", 50);
    return level;
  }

  private static ObjectNode limited(String name, int shares, int lendable) {
    ObjectNode level = object("PriorityLevelConfiguration", name);
    Json.ensureObject(level, "spec")
        .put("type", "Limited")
        .putObject("limited")
        .put("nominalConcurrencyShares", shares)
        .put("lendablePercent", lendable);
    return level;
  }

  static List<ObjectNode> schemas() {
    ObjectNode masters = group(UserInfo.MASTERS);
    ObjectNode controllers = user("system:kube-controller-manager");
    ObjectNode scheduler = user("system:kube-scheduler");
    ObjectNode system = account();
    List<ObjectNode> everybody =
        List.of(group(UserInfo.UNAUTHENTICATED), group(UserInfo.AUTHENTICATED));
    ObjectNode probes = schema("probes", EXEMPT, 2, "", everybody);
    paths(probes, List.of("get"), List.of("/healthz", "/readyz", "/livez"));
    ObjectNode election =
        schema(
            "system-leader-election",
            "leader-election",
            100,
            BY_USER,
            List.of(controllers, scheduler, system));
    leases(election, "get", "create", "update");
    ObjectNode nodeHigh = schema("system-node-high", "node-high", 400, BY_USER, nodes());
    resources(nodeHigh, List.of("*"), "", List.of("nodes", "nodes/status"), true);
    leases(nodeHigh, "*");
    return List.of(
        everything(schema(EXEMPT, EXEMPT, 1, "", List.of(masters))),
        probes,
        election,
        nodeHigh,
        everything(schema("system-nodes", "system", 500, BY_USER, nodes())),
        everything(
            schema(
                "kube-controller-manager",
                "workload-high",
                800,
                BY_NAMESPACE,
                List.of(controllers))),
        everything(
            schema("kube-scheduler", "workload-high", 800, BY_NAMESPACE, List.of(scheduler))),
        everything(
            schema(
                "kube-system-service-accounts",
                "workload-high",
                900,
                BY_NAMESPACE,
                List.of(system))),
        everything(
            schema("service-accounts", "workload-low", 9000, BY_USER, List.of(group(ACCOUNTS)))),
        everything(schema("global-default", "global-default", 9900, BY_USER, everybody)),
        everything(schema(CATCH_ALL, CATCH_ALL, 10_000, BY_USER, everybody)));
  }

  private static List<ObjectNode> nodes() {
    return List.of(group(NODES));
  }

  private static ObjectNode schema(
      String name, String level, int precedence, String distinguisher, List<ObjectNode> subjects) {
    ObjectNode schema = object("FlowSchema", name);
    ObjectNode spec = Json.ensureObject(schema, "spec");
    spec.putObject("priorityLevelConfiguration").put("name", level);
    spec.put("matchingPrecedence", precedence);
    if (!distinguisher.isEmpty()) {
      spec.putObject("distinguisherMethod").put("type", distinguisher);
    }
    ArrayNode list = spec.putArray("rules").addObject().putArray("subjects");
    subjects.forEach(subject -> list.add(subject.deepCopy()));
    return schema;
  }

  private static ObjectNode everything(ObjectNode schema) {
    resources(schema, List.of("*"), "*", List.of("*"), true);
    paths(schema, List.of("*"), List.of("*"));
    return schema;
  }

  private static void leases(ObjectNode schema, String... verbs) {
    resources(schema, List.of(verbs), "coordination.k8s.io", List.of("leases"), false);
  }

  private static void resources(
      ObjectNode schema,
      List<String> verbs,
      String group,
      List<String> resources,
      boolean clusterScope) {
    ObjectNode rule = rule(schema).withArray("resourceRules").addObject();
    verbs.forEach(rule.putArray("verbs")::add);
    rule.putArray("apiGroups").add(group);
    resources.forEach(rule.putArray("resources")::add);
    if (clusterScope) {
      rule.put("clusterScope", true);
    }
    rule.putArray("namespaces").add("*");
  }

  private static void paths(ObjectNode schema, List<String> verbs, List<String> paths) {
    ObjectNode rule = rule(schema).withArray("nonResourceRules").addObject();
    verbs.forEach(rule.putArray("verbs")::add);
    paths.forEach(rule.putArray("nonResourceURLs")::add);
  }

  private static ObjectNode rule(ObjectNode schema) {
    return (ObjectNode) schema.path("spec").path("rules").path(0);
  }

  private static ObjectNode user(String name) {
    ObjectNode subject = Json.object().put("kind", "User");
    subject.putObject("user").put("name", name);
    return subject;
  }

  private static ObjectNode group(String name) {
    ObjectNode subject = Json.object().put("kind", "Group");
    subject.putObject("group").put("name", name);
    return subject;
  }

  /** All service accounts of the system's namespace. */
  private static ObjectNode account() {
    ObjectNode subject = Json.object().put("kind", "ServiceAccount");
    subject.putObject("serviceAccount").put("namespace", "kube-system").put("name", "*");
    return subject;
  }

  private static ObjectNode object(String kind, String name) {
    ObjectNode object = Json.object().put("apiVersion", VERSION).put("kind", kind);
    ObjectNode metadata = object.putObject("metadata").put("name", name);
    metadata.putObject("annotations").put(AUTO_UPDATE, "true");
    return object;
  }
}
