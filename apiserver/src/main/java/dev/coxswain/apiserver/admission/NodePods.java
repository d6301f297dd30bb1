package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authz.node.PodReferences;
import dev.coxswain.apiserver.kinds.pod.Mirrors;
import dev.coxswain.apiserver.request.Failures;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node may do to pods: write the status of its own, end them, and show those that it runs
 * from files.
 */
final class NodePods {
  static final GroupResource PODS = new GroupResource("", "pods");
  static final GroupResource NODES = new GroupResource("", "nodes");

  private final ClusterObjects objects;

  NodePods(ClusterObjects objects) {
    this.objects = objects;
  }

  /** Refuses what is not for this node to do. */
  void check(AdmissionRequest request, String node) {
    switch (request.operation()) {
      case CREATE -> {
        switch (request.subresource()) {
          case "" -> checkMirror(request, node);
          case "eviction" -> checkEviction(request, node);
          default ->
              throw refused(
                  request,
                  "unexpected pod subresource \""
                      + request.subresource()
                      + "\", only 'status' and 'eviction' are allowed");
        }
      }
      case UPDATE -> checkStatus(request, node);
      case DELETE -> {
        ObjectNode old = request.oldObject();
        if (old != null) {
          requireOn(
              request,
              old,
              node,
              "node \"%s\" can only delete pods with spec.nodeName set to itself");
        }
      }
      case CONNECT -> {}
    }
  }

  private void checkMirror(AdmissionRequest request, String node) {
    ObjectNode pod = request.object();
    if (pod == null) {
      return;
    }
    if (!Mirrors.isMirror(pod)) {
      throw refused(
          request,
          "pod does not have \"kubernetes.io/config.mirror\" annotation, node \""
              + node
              + "\" can only create mirror pods");
    }
    requireOn(
        request, pod, node, "node \"%s\" can only create pods with spec.nodeName set to itself");
    checkOwner(request, pod, node);
    String referenced = referenced(pod);
    if (!referenced.isEmpty()) {
      throw refused(
          request, "node \"" + node + "\" can not create pods that reference " + referenced);
    }
  }

  /** The node itself owns it, so that it goes with the node, and with nothing else. */
  private void checkOwner(AdmissionRequest request, ObjectNode pod, String node) {
    JsonNode owners = pod.path("metadata").path("ownerReferences");
    String creates = "node \"" + node + "\" can only create pods with ";
    if (owners.size() > 1) {
      throw refused(request, creates + "a single owner reference set to itself");
    }
    JsonNode owner = owners.path(0);
    boolean own =
        Json.text(owner, "apiVersion").equals("v1")
            && Json.text(owner, "kind").equals("Node")
            && Json.text(owner, "name").equals(node);
    if (!own) {
      throw refused(request, creates + "an owner reference set to itself");
    }
    if (!Json.flag(owner, "controller")) {
      throw refused(request, creates + "a controller owner reference set to itself");
    }
    if (Json.flag(owner, "blockOwnerDeletion")) {
      throw refused(
          request, "node \"" + node + "\" must not set blockOwnerDeletion on an owner reference");
    }
    ObjectNode current =
        objects
            .find(NODES, ObjectKey.cluster(node))
            .orElseThrow(() -> Failures.notFound(NODES, node));
    String uid = Json.text(current, "metadata", "uid");
    if (!uid.equals(Json.text(owner, "uid"))) {
      throw refused(
          request,
          "node " + node + " UID mismatch: expected " + Json.text(owner, "uid") + " got " + uid);
    }
  }

  private void checkEviction(AdmissionRequest request, String node) {
    ObjectNode pod =
        objects
            .find(PODS, new ObjectKey(request.namespace(), request.name()))
            .orElseThrow(() -> Failures.notFound(PODS, request.name()));
    requireOn(request, pod, node, "node %s can only evict pods with spec.nodeName set to itself");
  }

  private static void checkStatus(AdmissionRequest request, String node) {
    ObjectNode old = request.oldObject();
    if (!request.subresource().equals("status")) {
      throw refused(request, "node \"" + node + "\" can only update the status of pods");
    }
    if (old == null) {
      return;
    }
    requireOn(
        request,
        old,
        node,
        "node \"%s\" can only update pod status for pods with spec.nodeName set to itself");
    requireTheSame(
        request,
        List.of("metadata", "labels"),
        "node \"" + node + "\" cannot update labels through pod status");
    requireTheSame(
        request,
        List.of("status", "resourceClaimStatuses"),
        "node \"" + node + "\" cannot update resource claim statuses");
  }

  /**
   * By its labels a pod is chosen: with others, a node would draw a Service's traffic to itself.
   */
  private static void requireTheSame(AdmissionRequest request, List<String> field, String refusal) {
    if (!at(request.object(), field).equals(at(request.oldObject(), field))) {
      throw refused(request, refusal);
    }
  }

  /** The field of an object; what holds nothing is as good as absent. */
  private static JsonNode at(@Nullable JsonNode object, List<String> field) {
    JsonNode found = object == null ? MissingNode.getInstance() : object;
    for (String name : field) {
      found = found.path(name);
    }
    return found.isEmpty() ? MissingNode.getInstance() : found;
  }

  /**
   * Which objects of the cluster a pod names; empty for none. A node reads what its pods name, so
   * with a mirror pod that named a secret it would give itself that secret.
   */
  private static String referenced(ObjectNode pod) {
    if (!Json.text(pod, "spec", "serviceAccountName").isEmpty()) {
      return "a service account";
    }
    if (!PodReferences.in(pod, PodReferences.Kind.SECRET).isEmpty()) {
      return "secrets";
    }
    if (!PodReferences.in(pod, PodReferences.Kind.CONFIG_MAP).isEmpty()) {
      return "configmaps";
    }
    if (!pod.path("spec").path("resourceClaims").isEmpty()) {
      return "resourceclaims";
    }
    for (JsonNode volume : pod.path("spec").path("volumes")) {
      if (volume.has("persistentVolumeClaim") || volume.has("ephemeral")) {
        return "persistentvolumeclaims";
      }
    }
    return "";
  }

  private static void requireOn(
      AdmissionRequest request, ObjectNode pod, String node, String otherwise) {
    if (!Json.text(pod, "spec", "nodeName").equals(node)) {
      throw refused(request, otherwise.formatted(node));
    }
  }

  private static ApiException refused(AdmissionRequest request, String why) {
    return NodeRestriction.refused(request, why);
  }
}
