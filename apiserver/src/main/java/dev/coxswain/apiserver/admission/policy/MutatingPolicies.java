package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.admission.Reinvocation;
import dev.coxswain.apiserver.admission.Rewriting;
import dev.coxswain.apiserver.admission.policy.MutatingPolicy.Mutation;
import dev.coxswain.apiserver.admission.policy.Parameters.MisconfiguredException;
import dev.coxswain.apiserver.admission.policy.Policies.Bound;
import dev.coxswain.apiserver.admission.webhook.Subject;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Lets the MutatingAdmissionPolicies that are bound change objects, one after the other. */
public final class MutatingPolicies extends PolicyPlugin<MutatingPolicy> {

  /**
   * Asks policies.
   *
   * @param view where they are
   * @param objects where namespaces and parameters are looked up
   * @param authorizer answers what their expressions ask of it
   */
  public MutatingPolicies(
      ObjectView view, ResourceRegistry registry, ClusterObjects objects, Authorizer authorizer) {
    super(Policies.mutating(view), registry, objects, authorizer);
  }

  @Override
  public String name() {
    return "MutatingAdmissionPolicy";
  }

  @Override
  public Rewriting begin(AdmissionRequest request) {
    if (request.operation() == AdmissionRequest.Operation.DELETE) {
      return Rewriting.NONE;
    }
    List<Bound<MutatingPolicy>> bound = bound();
    if (bound.isEmpty()) {
      return Rewriting.NONE;
    }
    return subject(request)
        .<Rewriting>map(subject -> new Pass(bound, subject))
        .orElse(Rewriting.NONE);
  }

  /** What tells the parts of a pass apart: a policy is asked for each binding and parameter. */
  private record Invocation(String policy, String binding, String parameter) {}

  /** The policies' part in one request. */
  private final class Pass implements Rewriting {
    private final List<Bound<MutatingPolicy>> bound;
    private final Subject subject;
    private final Reinvocation<Invocation> reinvocation = new Reinvocation<>();
    private final List<String> denials = new ArrayList<>();

    /** Whether the object was changed in this run. */
    private boolean changed;

    /** The reason of the first denial. */
    private StatusReason reason = StatusReason.FORBIDDEN;

    Pass(List<Bound<MutatingPolicy>> bound, Subject subject) {
      this.bound = bound;
      this.subject = subject;
    }

    @Override
    public boolean run() {
      reinvocation.begin(current());
      changed = false;
      eachMatch(subject, bound, (policy, binding, form) -> changed |= run(policy, binding, form));
      if (!denials.isEmpty()) {
        throw refusal();
      }
      reinvocation.end(current());
      return changed;
    }

    private JsonNode current() {
      ObjectNode object = subject.request().object();
      return object == null ? Json.object() : object;
    }

    private boolean run(MutatingPolicy policy, PolicyBinding binding, ResourceType form) {
      boolean changed = false;
      try {
        List<@Nullable ObjectNode> found = parameters(policy, binding, subject);
        for (ObjectNode params : found) {
          changed |= run(policy, binding, form, params);
        }
      } catch (MisconfiguredException e) {
        deny(
            policy,
            binding,
            "failed to configure binding: " + e.getMessage(),
            StatusReason.FORBIDDEN);
      }
      return changed;
    }

    private boolean run(
        MutatingPolicy policy,
        PolicyBinding binding,
        ResourceType form,
        @Nullable ObjectNode params) {
      Scene scene = scene(subject, form);
      ConditionSet.Result conditions = policy.conditions().evaluate(scene.with(params), List.of());
      if (!conditions.error().isEmpty()) {
        deny(policy, binding, conditions.error(), StatusReason.INVALID);
        return false;
      }
      Invocation invocation = new Invocation(policy.name(), binding.name(), key(params));
      if (!conditions.holds() || !reinvocation.due(invocation)) {
        return false;
      }
      boolean changed = mutate(policy, binding, form, scene, params);
      reinvocation.seen(invocation, changed, policy.reinvocable());
      return changed;
    }

    private boolean mutate(
        MutatingPolicy policy,
        PolicyBinding binding,
        ResourceType form,
        Scene before,
        @Nullable ObjectNode params) {
      Evaluation evaluation =
          new Evaluation(before.with(params), policy.variables(), Evaluation.BUDGET);
      boolean changed = false;
      for (Mutation mutation : policy.mutations()) {
        ObjectNode object = subject.object(form);
        if (object == null) {
          return changed;
        }
        try {
          ObjectNode wanted = MutationRun.of(mutation, evaluation, object, subject.shape(form));
          if (subject.replace(form, wanted)) {
            changed = true;
            evaluation.show(scene(subject, form).with(params));
          }
        } catch (MutationRun.FailedException e) {
          deny(policy, binding, String.valueOf(e.getMessage()), StatusReason.INVALID);
        }
      }
      return changed;
    }

    private void deny(
        MutatingPolicy policy, PolicyBinding binding, String message, StatusReason why) {
      if (policy.failsClosed()) {
        if (denials.isEmpty()) {
          reason = why;
        }
        denials.add(
            "policy '"
                + policy.name()
                + "' with binding '"
                + binding.name()
                + "' denied request: "
                + message);
      }
    }

    /** As upstream: the code of what is forbidden, the message and reason of the first denial. */
    private ApiException refusal() {
      AdmissionRequest request = subject.request();
      ApiStatus forbidden = Failures.refused(request.resource(), request.name(), "").status();
      return new ApiException(
          new ApiStatus(
              forbidden.code(),
              reason,
              denials.getFirst(),
              new ApiStatus.Details(
                  request.name(),
                  request.resource().group(),
                  request.resource().resource(),
                  "",
                  denials.stream().map(denial -> new StatusCause("", denial, "")).toList(),
                  0)));
    }
  }

  private static String key(@Nullable ObjectNode params) {
    return params == null
        ? ""
        : Json.text(params, "metadata", "namespace") + "/" + Json.text(params, "metadata", "name");
  }
}
