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
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets a node read its own pods, and a secret, config map or service account that one of them or a
 * pod's volume refers to, and no other, and write the lease and the report of drivers that bear its
 * name; the role of nodes gives it none of these. A stolen node certificate thus opens what that
 * node holds anyway.
 */
public final class NodeAuthorizer implements Authorizer {
  private static final String GROUP = "system:nodes";
  private static final String PREFIX = "system:node:";

  /** A list or watch has a name where its field selector is for that name alone. */
  private static final Set<String> READING = Set.of("get", "list", "watch");

  private static final GroupResource PODS = new GroupResource("", "pods");

  private static final GroupResource ACCOUNTS = new GroupResource("", "serviceaccounts");

  private static final GroupResource LEASES = new GroupResource("coordination.k8s.io", "leases");
  private static final String LEASE_NAMESPACE = "kube-node-lease";

  /** Kinds of which each node has one. */
  private static final Set<GroupResource> NAMED_LIKE_NODES =
      Set.of(LEASES, new GroupResource("storage.k8s.io", "csinodes"));

  private static final Set<String> WORKING = Set.of("get", "create", "update", "patch", "delete");

  private final ObjectView view;

  /** An authorizer over these objects, of which it reads pods and volumes. */
  public NodeAuthorizer(ObjectView view) {
    this.view = view;
  }

  @Override
  public Decision authorize(Attributes attributes) {
    Optional<String> node = node(attributes.user());
    if (node.isPresent() && isPods(attributes)) {
      return pods(node.get(), attributes);
    }
    if (node.isPresent() && NAMED_LIKE_NODES.contains(resource(attributes))) {
      return named(node.get(), attributes);
    }
    if (node.isPresent() && isAccount(attributes)) {
      return account(node.get(), attributes);
    }
    Optional<PodReferences.Kind> kind = kind(attributes);
    if (node.isEmpty() || kind.isEmpty()) {
      return new Decision.NoOpinion("");
    }
    if (!READING.contains(attributes.verb()) || attributes.name().isEmpty()) {
      return new Decision.NoOpinion(
          "node '" + node.get() + "' may only read single objects of this resource");
    }
    if (hasPod(
        node.get(),
        attributes.namespace(),
        pod -> PodReferences.in(pod, kind.get()).contains(attributes.name()))) {
      return new Decision.Allow("");
    }
    if (kind.get() == PodReferences.Kind.SECRET
        && new VolumeSecrets(view)
            .belongTo(node.get(), new ObjectKey(attributes.namespace(), attributes.name()))) {
      return new Decision.Allow("");
    }
    return unrelated(node.get());
  }

  private boolean hasPod(String node, String namespace, Predicate<ObjectNode> fitting) {
    return view.list(PODS, namespace).stream()
        .anyMatch(pod -> Json.text(pod, "spec", "nodeName").equals(node) && fitting.test(pod));
  }

  private static Decision unrelated(String node) {
    return new Decision.NoOpinion(
        "no relationship found between node '" + node + "' and this object");
  }

  private static boolean isAccount(Attributes attributes) {
    return attributes.resourceRequest()
        && resource(attributes).equals(ACCOUNTS)
        && attributes.subresource().isEmpty();
  }

  /** Its annotations are told to programs that know credentials of registries. */
  private Decision account(String node, Attributes attributes) {
    if (!attributes.verb().equals("get") || attributes.name().isEmpty()) {
      return new Decision.NoOpinion(
          "node '" + node + "' may only get single objects of this resource");
    }
    return hasPod(
            node,
            attributes.namespace(),
            pod -> Json.text(pod, "spec", "serviceAccountName").equals(attributes.name()))
        ? new Decision.Allow("")
        : unrelated(node);
  }

  private static boolean isPods(Attributes attributes) {
    return attributes.resourceRequest()
        && attributes.group().equals(PODS.group())
        && attributes.resource().equals(PODS.resource())
        && attributes.subresource().isEmpty()
        && READING.contains(attributes.verb());
  }

  /**
   * A pod of no node, or that is not there, is nobody's: the one is refused, the other not found.
   */
  private Decision pods(String node, Attributes attributes) {
    if (attributes.verb().equals("get")) {
      return view.find(PODS, new ObjectKey(attributes.namespace(), attributes.name()))
              .filter(pod -> !pod.path("spec").path("nodeName").asString("").equals(node))
              .isEmpty()
          ? new Decision.Allow("")
          : unrelated(node);
    }
    return attributes.fields().contains(new FieldSelector.Term("spec.nodeName", node, true))
        ? new Decision.Allow("")
        : new Decision.NoOpinion(
            "node '" + node + "' may only list and watch pods with spec.nodeName=" + node);
  }

  /** What a new one is called is for admission to see. */
  private static Decision named(String node, Attributes attributes) {
    if (!attributes.subresource().isEmpty() || !WORKING.contains(attributes.verb())) {
      return new Decision.NoOpinion(
          "can only get, create, update, patch, or delete " + attributes.resource());
    }
    if (resource(attributes).equals(LEASES) && !attributes.namespace().equals(LEASE_NAMESPACE)) {
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

  private static GroupResource resource(Attributes attributes) {
    return new GroupResource(attributes.group(), attributes.resource());
  }

  private static Optional<String> node(UserInfo user) {
    return user.in(GROUP) && user.name().startsWith(PREFIX)
        ? Optional.of(user.name().substring(PREFIX.length()))
        : Optional.empty();
  }

  private static Optional<PodReferences.Kind> kind(Attributes attributes) {
    if (!attributes.resourceRequest()
        || !attributes.group().isEmpty()
        || !attributes.subresource().isEmpty()) {
      return Optional.empty();
    }
    return switch (attributes.resource()) {
      case "secrets" -> Optional.of(PodReferences.Kind.SECRET);
      case "configmaps" -> Optional.of(PodReferences.Kind.CONFIG_MAP);
      default -> Optional.empty();
    };
  }
}
