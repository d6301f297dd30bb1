package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.request.Failures;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node may write: its own Node, CSINode and Lease, the status of the pods that run on it,
 * and their end, the size of a volume, what devices it has, and requests for certificates of its
 * own name. So a node that is taken over takes over nothing but what it runs.
 */
final class NodeRestriction implements AdmissionPlugin {
  private static final String USER_PREFIX = "system:node:";
  private static final String GROUP = "system:nodes";

  /** Labels that say what a node is trusted with: it must not give them to itself. */
  private static final String RESTRICTED = "node-restriction.kubernetes.io";

  /** Labels of Kubernetes' own that a kubelet may say of its node. */
  private static final Set<String> OWN_LABELS =
      Set.of(
          "kubernetes.io/hostname",
          "kubernetes.io/os",
          "kubernetes.io/arch",
          "beta.kubernetes.io/os",
          "beta.kubernetes.io/arch",
          "beta.kubernetes.io/instance-type",
          "node.kubernetes.io/instance-type",
          "topology.kubernetes.io/region",
          "topology.kubernetes.io/zone",
          "failure-domain.beta.kubernetes.io/region",
          "failure-domain.beta.kubernetes.io/zone");

  /** Where else a kubelet may put labels of its own. */
  private static final List<String> OWN_DOMAINS =
      List.of("kubelet.kubernetes.io", "node.kubernetes.io");

  /** The signers of whose certificates nodes are known. */
  private static final Set<String> SIGNERS =
      Set.of("kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet");

  private static final String LEASE_NAMESPACE = "kube-node-lease";

  /** What a kubelet says of a claim's volume. */
  private static final List<String> GROWTH =
      List.of("capacity", "conditions", "allocatedResources", "allocatedResourceStatuses");

  /** What the checks of pods and tokens look up. */
  private static final Set<GroupResource> LOOKED_UP =
      Set.of(
          NodePods.PODS, NodePods.NODES, NodeTokens.CLAIMS, NodeTokens.VOLUMES, NodeTokens.DRIVERS);

  private final ClusterObjects objects;
  private final NodePods pods;
  private final NodeTokens tokens;

  /**
   * Restricts nodes.
   *
   * @param objects where pods are looked up, and what they refer to
   * @param authorizer who says for whom else a node may have tokens
   */
  NodeRestriction(ClusterObjects objects, Authorizer authorizer) {
    this.objects = objects;
    this.pods = new NodePods(objects);
    this.tokens = new NodeTokens(objects, authorizer);
  }

  @Override
  public String name() {
    return "NodeRestriction";
  }

  @Override
  public void validate(AdmissionRequest request) {
    if (!request.user().in(GROUP)) {
      return;
    }
    String node =
        request.user().name().startsWith(USER_PREFIX)
            ? request.user().name().substring(USER_PREFIX.length())
            : "";
    if (node.isEmpty()) {
      throw refused(
          request, "could not determine node from user \"" + request.user().name() + "\"");
    }
    switch (request.resource().toString()) {
      case "nodes" -> checkNode(request, node);
      case "pods" -> checked(() -> pods.check(request, node));
      case "persistentvolumeclaims" -> checkClaim(request, node);
      case "serviceaccounts" -> checked(() -> tokens.check(request, node));
      case "leases.coordination.k8s.io" -> checkLease(request, node);
      case "csinodes.storage.k8s.io" -> checkDrivers(request, node);
      case "resourceslices.resource.k8s.io" -> checkDevices(request, node);
      case "certificatesigningrequests.certificates.k8s.io" -> checkCertificate(request, node);
      default -> {}
    }
  }

  /**
   * What the cache has may be old: another server may have bound the pod a moment ago. What would
   * be refused on that ground is looked at once more.
   */
  private void checked(Runnable check) {
    try {
      check.run();
    } catch (ApiException refused) {
      if (!objects.catchUp(LOOKED_UP)) {
        throw refused;
      }
      check.run();
    }
  }

  private static void checkNode(AdmissionRequest request, String node) {
    if (!request.name().equals(node)) {
      throw refused(
          request,
          "node \"" + node + "\" is not allowed to modify node \"" + request.name() + "\"");
    }
    ObjectNode object = request.object();
    if (object == null) {
      return;
    }
    ObjectNode old = request.oldObject();
    if (old != null
        && !object.path("spec").path("taints").equals(old.path("spec").path("taints"))) {
      throw refused(request, "node \"" + node + "\" is not allowed to modify taints");
    }
    if (old != null
        && !object
            .path("metadata")
            .path("ownerReferences")
            .equals(old.path("metadata").path("ownerReferences"))) {
      // The collector of garbage would delete it for the node, which the node itself may not.
      throw refused(request, "node \"" + node + "\" is not allowed to modify ownerReferences");
    }
    var changed = changedRestrictedLabels(object, old);
    if (!changed.isEmpty()) {
      throw refused(
          request,
          "node \""
              + node
              + "\" is not allowed to "
              + (old == null ? "set the following labels: " : "modify labels: ")
              + String.join(", ", changed));
    }
  }

  private static Set<String> changedRestrictedLabels(ObjectNode object, @Nullable ObjectNode old) {
    JsonNode after = object.path("metadata").path("labels");
    JsonNode before = old == null ? object.objectNode() : old.path("metadata").path("labels");
    Set<String> changed = new TreeSet<>();
    for (JsonNode labels : new JsonNode[] {before, after}) {
      for (String name : labels.propertyNames()) {
        if (restricted(name) && !before.path(name).equals(after.path(name))) {
          changed.add(name);
        }
      }
    }
    return changed;
  }

  /** Labels of Kubernetes' own are for others to set, save for those that a kubelet knows best. */
  private static boolean restricted(String label) {
    int slash = label.indexOf('/');
    String domain = slash < 0 ? "" : label.substring(0, slash);
    if (within(domain, RESTRICTED)) {
      return true;
    }
    boolean system = within(domain, "kubernetes.io") || within(domain, "k8s.io");
    return system
        && !OWN_LABELS.contains(label)
        && OWN_DOMAINS.stream().noneMatch(own -> within(domain, own));
  }

  private static boolean within(String domain, String parent) {
    return domain.equals(parent) || domain.endsWith("." + parent);
  }

  /** A kubelet tells how much a volume has grown, and nothing else of its claim. */
  private static void checkClaim(AdmissionRequest request, String node) {
    if (!request.subresource().equals("status")) {
      throw refused(request, "may only update PVC status");
    }
    if (!besideGrowth(request.object()).equals(besideGrowth(request.oldObject()))) {
      throw refused(
          request,
          "node \""
              + node
              + "\" is not allowed to update fields other than status.capacity and"
              + " status.conditions");
    }
  }

  private static ObjectNode besideGrowth(@Nullable ObjectNode claim) {
    ObjectNode rest = claim == null ? Json.object() : claim.deepCopy();
    if (rest.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(List.of("resourceVersion", "managedFields"));
    }
    if (rest.get("status") instanceof ObjectNode status) {
      status.remove(GROWTH);
      if (status.isEmpty()) {
        rest.remove("status");
      }
    }
    return rest;
  }

  private static void checkLease(AdmissionRequest request, String node) {
    if (!request.namespace().equals(LEASE_NAMESPACE)) {
      throw refused(
          request, "can only access leases in the \"" + LEASE_NAMESPACE + "\" system namespace");
    }
    if (!request.name().equals(node)) {
      throw refused(
          request, "can only access node lease with the same name as the requesting node");
    }
  }

  private static void checkDrivers(AdmissionRequest request, String node) {
    if (!request.name().equals(node)) {
      throw refused(request, "can only access CSINode with the same name as the requesting node");
    }
  }

  /** Who may change one is for the authorizer; it does not see what is in a new one or in many. */
  private static void checkDevices(AdmissionRequest request, String node) {
    if (request.operation() == Operation.CREATE) {
      checkDevices(request, request.object(), "create", node);
    } else if (request.operation() == Operation.DELETE) {
      checkDevices(request, request.oldObject(), "delete", node);
    }
  }

  private static void checkDevices(
      AdmissionRequest request, @Nullable ObjectNode slice, String verb, String node) {
    if (slice != null && !Json.text(slice, "spec", "nodeName").equals(node)) {
      throw refused(
          request,
          "can only " + verb + " ResourceSlice with the same NodeName as the requesting node");
    }
  }

  /** A node asks for no certificate of another's name. */
  private static void checkCertificate(AdmissionRequest request, String node) {
    ObjectNode object = request.object();
    if (object == null
        || request.operation() != Operation.CREATE
        || !SIGNERS.contains(Json.text(object, "spec", "signerName"))) {
      return;
    }
    String name = CertificateRequests.subject(request, object).map(UserInfo::name).orElse("");
    if (name.startsWith(USER_PREFIX) && !name.equals(USER_PREFIX + node)) {
      throw refused(request, "can only create a node CSR with CN=" + USER_PREFIX + node);
    }
  }

  static ApiException refused(AdmissionRequest request, String why) {
    return Failures.refused(request.resource(), request.name(), why);
  }
}
