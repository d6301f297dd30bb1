package dev.coxswain.apiserver.authz.node;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets a node read its own pods, what these refer to (secrets, config maps, service accounts,
 * claims of volumes and devices, and the volumes behind them) and what joins volumes to it, tell
 * how its pods' claims have grown, and write the lease and the report of drivers that bear its name
 * and the slices of its own devices; the role of nodes gives it none of these. A stolen node
 * certificate thus opens what that node holds anyway.
 */
public final class NodeAuthorizer implements Authorizer {
  private static final String GROUP = "system:nodes";
  private static final String PREFIX = "system:node:";

  /** A list or watch has a name where its field selector is for that name alone. */
  private static final Set<String> READING = Set.of("get", "list", "watch");

  private static final GroupResource PODS = NodeVolumes.PODS;

  private static final Decision NOTHING_TO_SAY = new Decision.NoOpinion("");

  private static final String LEASE_NAMESPACE = "kube-node-lease";

  private static final Set<String> WORKING = Set.of("get", "create", "update", "patch", "delete");

  private static final GroupResource SLICES =
      new GroupResource("resource.k8s.io", "resourceslices");

  /** What decides who is related to what. */
  private static final Set<GroupResource> RELATIONS =
      Set.of(PODS, NodeVolumes.VOLUMES, NodeVolumes.ATTACHMENTS, SLICES);

  private final ObjectView view;
  private final NodeVolumes volumes;

  /** An authorizer over these objects, of which it reads pods, volumes and attachments. */
  public NodeAuthorizer(ObjectView view) {
    this.view = view;
    this.volumes = new NodeVolumes(view);
  }

  @Override
  public Decision authorize(Attributes attributes) {
    Optional<String> named = node(attributes.user());
    if (named.isEmpty() || !attributes.resourceRequest()) {
      return NOTHING_TO_SAY;
    }
    String node = named.get();
    ObjectKey key = new ObjectKey(attributes.namespace(), attributes.name());
    return switch (new GroupResource(attributes.group(), attributes.resource()).toString()) {
      case "pods" -> pods(node, attributes);
      case "secrets" ->
          read(
              node,
              attributes,
              () -> refersTo(node, key, PodReferences.Kind.SECRET) || volumes.useSecret(node, key));
      case "configmaps" ->
          read(node, attributes, () -> refersTo(node, key, PodReferences.Kind.CONFIG_MAP));
      // Its annotations are told to programs that know credentials of registries.
      case "serviceaccounts" -> get(node, attributes, () -> runsAs(node, key));
      case "persistentvolumeclaims" ->
          attributes.subresource().equals("status")
              ? grown(node, attributes, () -> volumes.useClaim(node, key))
              : get(node, attributes, () -> volumes.useClaim(node, key));
      case "persistentvolumes" ->
          get(node, attributes, () -> volumes.useVolume(node, attributes.name()));
      case "volumeattachments.storage.k8s.io" ->
          get(node, attributes, () -> volumes.attaches(node, attributes.name()));
      case "resourceclaims.resource.k8s.io" -> get(node, attributes, () -> useDevices(node, key));
      case "resourceslices.resource.k8s.io" -> slices(node, attributes);
      case "leases.coordination.k8s.io", "csinodes.storage.k8s.io" -> named(node, attributes);
      default -> NOTHING_TO_SAY;
    };
  }

  /** Reads one object, also by lists and watches of that one. */
  private Decision read(String node, Attributes attributes, BooleanSupplier related) {
    if (!attributes.subresource().isEmpty()) {
      return NOTHING_TO_SAY;
    }
    if (!READING.contains(attributes.verb()) || attributes.name().isEmpty()) {
      return new Decision.NoOpinion(
          "node '" + node + "' may only read single objects of this resource");
    }
    return decide(node, related);
  }

  private Decision get(String node, Attributes attributes, BooleanSupplier related) {
    if (!attributes.subresource().isEmpty()) {
      return NOTHING_TO_SAY;
    }
    if (!attributes.verb().equals("get") || attributes.name().isEmpty()) {
      return new Decision.NoOpinion(
          "node '" + node + "' may only get single objects of this resource");
    }
    return decide(node, related);
  }

  /** What of the status a node may write is for admission to see. */
  private Decision grown(String node, Attributes attributes, BooleanSupplier related) {
    return attributes.verb().equals("update") || attributes.verb().equals("patch")
        ? decide(node, related)
        : new Decision.NoOpinion(
            "node '" + node + "' may only update the status of objects of this resource");
  }

  /**
   * The view may be old: another server may have bound the pod a moment ago. So who would be
   * refused is looked at once more.
   */
  private Decision decide(String node, BooleanSupplier related) {
    boolean allowed = related.getAsBoolean() || (view.catchUp(RELATIONS) && related.getAsBoolean());
    return allowed ? new Decision.Allow("") : unrelated(node);
  }

  private boolean refersTo(String node, ObjectKey key, PodReferences.Kind kind) {
    return hasPod(node, key.namespace(), pod -> PodReferences.in(pod, kind).contains(key.name()));
  }

  private boolean runsAs(String node, ObjectKey account) {
    return hasPod(
        node,
        account.namespace(),
        pod -> Json.text(pod, "spec", "serviceAccountName").equals(account.name()));
  }

  private boolean useDevices(String node, ObjectKey claim) {
    return hasPod(
        node, claim.namespace(), pod -> PodReferences.devices(pod).contains(claim.name()));
  }

  private boolean hasPod(String node, String namespace, Predicate<ObjectNode> fitting) {
    return view.list(PODS, namespace).stream().anyMatch(pod -> on(node, pod) && fitting.test(pod));
  }

  private static Decision unrelated(String node) {
    return new Decision.NoOpinion(
        "no relationship found between node '" + node + "' and this object");
  }

  /**
   * A pod of no node, or that is not there, is nobody's: the one is refused, the other not found.
   * So it has to be certain which.
   */
  private Decision pods(String node, Attributes attributes) {
    if (!attributes.subresource().isEmpty() || !READING.contains(attributes.verb())) {
      return NOTHING_TO_SAY;
    }
    if (attributes.verb().equals("get")) {
      ObjectKey key = new ObjectKey(attributes.namespace(), attributes.name());
      if (view.find(PODS, key).filter(pod -> on(node, pod)).isEmpty()) {
        view.catchUp(RELATIONS);
      }
      return view.find(PODS, key).filter(pod -> !on(node, pod)).isEmpty()
          ? new Decision.Allow("")
          : unrelated(node);
    }
    return attributes.fields().contains(new FieldSelector.Term("spec.nodeName", node, true))
        ? new Decision.Allow("")
        : new Decision.NoOpinion(
            "node '" + node + "' may only list and watch pods with spec.nodeName=" + node);
  }

  /** Whose devices a new one is about is for admission to see. */
  private Decision slices(String node, Attributes attributes) {
    if (!attributes.subresource().isEmpty()) {
      return new Decision.NoOpinion("cannot authorize ResourceSlice subresources");
    }
    return switch (attributes.verb()) {
      case "create" -> new Decision.Allow("");
      case "get", "update", "patch", "delete" ->
          decide(
              node,
              () ->
                  view.find(SLICES, ObjectKey.cluster(attributes.name()))
                      .filter(slice -> on(node, slice))
                      .isPresent());
      case "list", "watch", "deletecollection" ->
          attributes.fields().contains(new FieldSelector.Term("spec.nodeName", node, true))
              ? new Decision.Allow("")
              : new Decision.NoOpinion(
                  "can only list/watch/deletecollection resourceslices with nodeName field"
                      + " selector");
      default ->
          new Decision.NoOpinion(
              "only the following verbs are allowed for a ResourceSlice: get, create, update,"
                  + " patch, delete, list, watch, deletecollection");
    };
  }

  /** What a new one is called is for admission to see. */
  private static Decision named(String node, Attributes attributes) {
    if (!attributes.subresource().isEmpty() || !WORKING.contains(attributes.verb())) {
      return new Decision.NoOpinion(
          "can only get, create, update, patch, or delete " + attributes.resource());
    }
    if (attributes.resource().equals("leases") && !attributes.namespace().equals(LEASE_NAMESPACE)) {
      return new Decision.NoOpinion(
          "can only access leases in the \"" + LEASE_NAMESPACE + "\" system namespace");
    }
    return attributes.verb().equals("create") || attributes.name().equals(node)
        ? new Decision.Allow("")
        : new Decision.NoOpinion(
            "can only access "
                + attributes.resource()
                + " with the same name as the requesting node");
  }

  private static Optional<String> node(UserInfo user) {
    return user.in(GROUP) && user.name().startsWith(PREFIX)
        ? Optional.of(user.name().substring(PREFIX.length()))
        : Optional.empty();
  }

  private static boolean on(String node, ObjectNode object) {
    return Json.text(object, "spec", "nodeName").equals(node);
  }
}
