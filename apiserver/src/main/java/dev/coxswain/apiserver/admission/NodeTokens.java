package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.authz.node.PodReferences;
import dev.coxswain.apiserver.request.Failures;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which tokens a node gets: those of its own pods' accounts, for whom the pods' volumes want them.
 * A node that is taken over cannot speak for its pods to others whom they have nothing to do with.
 */
final class NodeTokens {
  /** Asked of the authorizer, with the audience in the place of the resource. */
  private static final String VERB = "request-serviceaccounts-token-audience";

  private static final GroupResource PODS = new GroupResource("", "pods");
  static final GroupResource CLAIMS = new GroupResource("", "persistentvolumeclaims");
  static final GroupResource VOLUMES = new GroupResource("", "persistentvolumes");
  static final GroupResource DRIVERS = new GroupResource("storage.k8s.io", "csidrivers");

  private final ClusterObjects objects;
  private final Authorizer authorizer;

  NodeTokens(ClusterObjects objects, Authorizer authorizer) {
    this.objects = objects;
    this.authorizer = authorizer;
  }

  /** Refuses a token that is not for one of the node's pods. */
  void check(AdmissionRequest request, String node) {
    ObjectNode asked = request.object();
    if (asked == null
        || request.operation() != AdmissionRequest.Operation.CREATE
        || !request.subresource().equals("token")) {
      return;
    }
    JsonNode bound = asked.path("spec").path("boundObjectRef");
    String name = Json.text(bound, "name");
    boolean pods =
        Json.text(bound, "apiVersion").equals("v1") && Json.text(bound, "kind").equals("Pod");
    if (!pods || name.isEmpty()) {
      throw refused(request, "node requested token not bound to a pod");
    }
    String uid = Json.text(bound, "uid");
    if (uid.isEmpty()) {
      throw refused(request, "node requested token with a pod binding without a uid");
    }
    ObjectNode pod =
        objects
            .find(PODS, new ObjectKey(request.namespace(), name))
            .orElseThrow(() -> Failures.notFound(PODS, name));
    if (!uid.equals(Json.text(pod, "metadata", "uid"))) {
      throw refused(
          request,
          "the UID in the bound object reference ("
              + uid
              + ") does not match the UID in record. The object might have been deleted and then"
              + " recreated");
    }
    if (!Json.text(pod, "spec", "nodeName").equals(node)) {
      throw refused(request, "node requested token bound to a pod scheduled on a different node");
    }
    checkAudience(request, pod, asked.path("spec").path("audiences"));
  }

  private void checkAudience(AdmissionRequest request, ObjectNode pod, JsonNode audiences) {
    if (audiences.size() > 1) {
      throw refused(request, "node may only request 0 or 1 audiences");
    }
    String audience = audiences.path(0).asString("");
    Set<String> missing = new LinkedHashSet<>();
    if (projected(pod, audience) || ofDriver(pod, audience, missing)) {
      return;
    }
    if (!missing.isEmpty()) {
      throw refused(
          request, "error validating audience \"" + audience + "\": " + String.join(", ", missing));
    }
    Attributes attributes =
        new Attributes(
            request.user(),
            VERB,
            true,
            "",
            "v1",
            audience,
            "",
            request.namespace(),
            request.name(),
            "");
    if (!(authorizer.authorize(attributes) instanceof Decision.Allow)) {
      throw refused(
          request,
          "audience \""
              + audience
              + "\" not found in pod spec volume, "
              + request.user().name()
              + " is not authorized to request tokens for this audience");
    }
  }

  private static boolean projected(ObjectNode pod, String audience) {
    for (JsonNode volume : pod.path("spec").path("volumes")) {
      for (JsonNode source : volume.path("projected").path("sources")) {
        JsonNode token = source.path("serviceAccountToken");
        if (token.isObject() && Json.text(token, "audience").equals(audience)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Whether a driver of one of the pod's volumes wants such tokens.
   *
   * @param missing what could not be looked up, in upstream's words
   */
  private boolean ofDriver(ObjectNode pod, String audience, Set<String> missing) {
    for (JsonNode volume : pod.path("spec").path("volumes")) {
      String name = driver(pod, volume, missing);
      if (name.isEmpty()) {
        continue;
      }
      ObjectNode driver =
          found(DRIVERS, ObjectKey.cluster(name), "csidriver.storage.k8s.io", missing);
      for (JsonNode wanted : driver.path("spec").path("tokenRequests")) {
        if (Json.text(wanted, "audience").equals(audience)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The driver behind a volume; empty where there is none. */
  private String driver(ObjectNode pod, JsonNode volume, Set<String> missing) {
    String inline = Json.text(volume, "csi", "driver");
    String claim = PodReferences.claim(pod, volume);
    if (claim.isEmpty()) {
      return inline;
    }
    ObjectKey key = new ObjectKey(Json.text(pod, "metadata", "namespace"), claim);
    ObjectNode bound = found(CLAIMS, key, "persistentvolumeclaim", missing);
    if (bound.isEmpty()) {
      return "";
    }
    ObjectKey persistent = ObjectKey.cluster(Json.text(bound, "spec", "volumeName"));
    return Json.text(
        found(VOLUMES, persistent, "persistentvolume", missing), "spec", "csi", "driver");
  }

  /** The object; an empty one where there is none. */
  private ObjectNode found(
      GroupResource resource, ObjectKey key, String singular, Set<String> missing) {
    return objects
        .find(resource, key)
        .orElseGet(() -> {
          missing.add(singular + " \"" + key.name() + "\" not found");
          return Json.object();
        });
  }

  private static ApiException refused(AdmissionRequest request, String why) {
    return NodeRestriction.refused(request, why);
  }
}
