package dev.coxswain.apiserver;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.SelfSubjectReviews;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.rbac.RbacAuthorizer;
import dev.coxswain.apiserver.authz.review.AccessReviews;
import dev.coxswain.apiserver.authz.review.RulesReview;
import dev.coxswain.apiserver.connect.BackendClient;
import dev.coxswain.apiserver.connect.Destinations;
import dev.coxswain.apiserver.connect.KubeletReader;
import dev.coxswain.apiserver.connect.NodeTargets;
import dev.coxswain.apiserver.connect.PodConnect;
import dev.coxswain.apiserver.connect.ServiceAddresses;
import dev.coxswain.apiserver.health.ComponentStatuses;
import dev.coxswain.apiserver.pods.Binding;
import dev.coxswain.apiserver.pods.Eviction;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.token.ServiceAccountTokens;
import dev.coxswain.apiserver.usage.UsageKinds;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ResourceEndpoint;
import dev.coxswain.runtime.time.Time;
import java.util.List;

/** What hangs below resources and is more than a part of an object. */
final class Handlers {
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final String AUTHENTICATION = "authentication.k8s.io";
  private static final String AUTHORIZATION = "authorization.k8s.io";

  private Handlers() {}

  /** What is done to objects by posting to their subresources. */
  static void register(
      ResourceEndpoint resources, ResourceRegistry registry, ObjectReader reader, Time time) {
    ResourceType pods = type(registry, "", "v1", "Pod");
    ResourceType budgets = type(registry, "policy", "v1", "PodDisruptionBudget");
    resources.action(PODS, "binding", new Binding(pods, resources.writer(), time));
    resources.action(
        PODS,
        "eviction",
        new Eviction(
            new Eviction.Types(pods, budgets),
            reader,
            resources.writer(),
            resources.deleter(),
            time));
  }

  /** What is handed on to kubelets, pods and Services. */
  static void registerConnections(
      ResourceEndpoint resources,
      ObjectReader reader,
      BackendClient client,
      ServiceAddresses services) {
    NodeTargets nodes = new NodeTargets(reader);
    PodConnect pods = new PodConnect(reader, nodes, client);
    for (String subresource : List.of("log", "exec", "attach", "portforward")) {
      resources.connect(PODS, subresource, pods);
    }
    Destinations destinations = new Destinations(reader, nodes, services);
    resources
        .connect(PODS, "proxy", destinations.pods(client))
        .connect(new GroupResource("", "services"), "proxy", destinations.services(client))
        .connect(new GroupResource("", "nodes"), "proxy", destinations.nodes(client));
  }

  /** How the parts of the control plane are. */
  static void registerComponents(
      ResourceEndpoint resources, ObjectReader reader, Store store, Time time) {
    resources.made(
        new GroupResource("", "componentstatuses"), new ComponentStatuses(reader, store, time));
  }

  /** What nodes and pods use. */
  static void registerUsage(
      ResourceEndpoint resources,
      ResourceRegistry registry,
      ObjectReader reader,
      BackendClient client,
      Time time) {
    UsageKinds.register(
        resources,
        type(registry, "", "v1", "Node"),
        type(registry, "", "v1", "Pod"),
        new KubeletReader(new NodeTargets(reader), client),
        time);
  }

  /** Questions about what somebody may do. */
  static void registerReviews(
      ResourceEndpoint resources, Authorizer authorizer, RbacAuthorizer rbac) {
    resources
        .review(
            new GroupResource(AUTHORIZATION, "subjectaccessreviews"),
            "",
            AccessReviews.named(authorizer))
        .review(
            new GroupResource(AUTHORIZATION, "selfsubjectaccessreviews"),
            "",
            AccessReviews.self(authorizer))
        .review(
            new GroupResource(AUTHORIZATION, "localsubjectaccessreviews"),
            "",
            AccessReviews.local(authorizer))
        .review(
            new GroupResource(AUTHORIZATION, "selfsubjectrulesreviews"), "", new RulesReview(rbac));
  }

  /** Who somebody is, and how a service account proves it. */
  static void registerIdentity(
      ResourceEndpoint resources, ServiceAccountTokens tokens, List<Authenticator> others) {
    resources
        .review(new GroupResource("", "serviceaccounts"), "token", tokens.requests())
        .review(new GroupResource(AUTHENTICATION, "tokenreviews"), "", tokens.reviews(others))
        .review(
            new GroupResource(AUTHENTICATION, "selfsubjectreviews"), "", new SelfSubjectReviews());
  }

  private static ResourceType type(
      ResourceRegistry registry, String group, String version, String kind) {
    return registry.find(new GroupVersionKind(group, version, kind)).orElseThrow();
  }
}
