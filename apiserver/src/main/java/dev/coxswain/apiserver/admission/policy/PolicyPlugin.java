package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.admission.policy.Parameters.MisconfiguredException;
import dev.coxswain.apiserver.admission.policy.Policies.Bound;
import dev.coxswain.apiserver.admission.webhook.Subject;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What both kinds of policies do alike: find out which of them a request concerns, and with which
 * parameters they are asked.
 *
 * @param <P> a compiled policy
 */
abstract sealed class PolicyPlugin<P extends BoundPolicy> implements AdmissionPlugin
    permits MutatingPolicies, ValidatingPolicies {
  private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

  /**
   * What stores nothing and only asks who somebody is and what he may do. The cluster itself lives
   * on the answers: a policy that is meant for everything must not stand in their way.
   */
  private static final Set<GroupResource> QUESTIONS =
      Set.of(
          new GroupResource("authentication.k8s.io", "selfsubjectreviews"),
          new GroupResource("authentication.k8s.io", "tokenreviews"),
          new GroupResource("authorization.k8s.io", "localsubjectaccessreviews"),
          new GroupResource("authorization.k8s.io", "selfsubjectaccessreviews"),
          new GroupResource("authorization.k8s.io", "selfsubjectrulesreviews"),
          new GroupResource("authorization.k8s.io", "subjectaccessreviews"));

  private final Policies<P> policies;
  private final ResourceRegistry registry;
  private final ClusterObjects objects;
  private final Parameters parameters;
  private final Authorizer authorizer;

  /** A policy, a binding of it, and the form of the object that the policy is about. */
  @FunctionalInterface
  interface Match<P> {
    void found(P policy, PolicyBinding binding, ResourceType form);
  }

  PolicyPlugin(
      Policies<P> policies,
      ResourceRegistry registry,
      ClusterObjects objects,
      Authorizer authorizer) {
    this.policies = policies;
    this.registry = registry;
    this.objects = objects;
    this.parameters = new Parameters(registry, objects);
    this.authorizer = authorizer;
  }

  /** What is bound now. */
  final List<Bound<P>> bound() {
    return policies.bound();
  }

  /** What the request is about; empty where no policy may be asked. */
  final Optional<Subject> subject(AdmissionRequest request) {
    return QUESTIONS.contains(request.resource())
        ? Optional.empty()
        : Subject.of(request, registry);
  }

  /** Tells each binding that concerns a request, as the object is by then. */
  final void eachMatch(Subject subject, List<Bound<P>> bound, Match<P> match) {
    for (Bound<P> one : bound) {
      Optional<ResourceType> form = subject.matched(one.policy().criteria(), registry, objects);
      for (PolicyBinding binding : form.isPresent() ? one.bindings() : List.<PolicyBinding>of()) {
        if (subject.matched(binding.criteria(), registry, objects).isPresent()) {
          match.found(one.policy(), binding, form.get());
        }
      }
    }
  }

  /** The parameters that a policy is asked with, one after the other; null stands for none. */
  final List<@Nullable ObjectNode> parameters(P policy, PolicyBinding binding, Subject subject)
      throws MisconfiguredException {
    AdmissionRequest request = subject.request();
    // As webhooks are told, too, a namespace is in itself.
    String namespace = request.resource().equals(NAMESPACES) ? request.name() : request.namespace();
    return parameters.of(policy.paramKind(), binding.paramRef(), namespace);
  }

  /** What expressions see of a request. */
  final Scene scene(Subject subject, ResourceType form) {
    return Scene.of(subject, form, objects, authorizer);
  }
}
