package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.admission.policy.Parameters.MisconfiguredException;
import dev.coxswain.apiserver.admission.policy.Policies.Bound;
import dev.coxswain.apiserver.admission.policy.PolicyRun.Violation;
import dev.coxswain.apiserver.admission.webhook.Subject;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks the ValidatingAdmissionPolicies that are bound. */
public final class ValidatingPolicies extends PolicyPlugin<CompiledPolicy> {
  /** Under which the audit log tells of violations that are only to be told there. */
  private static final String FAILURE = "validation.policy.admission.k8s.io/validation_failure";

  /**
   * Asks policies.
   *
   * @param view where they are
   * @param objects where namespaces and parameters are looked up
   * @param authorizer answers what their expressions ask of it
   */
  public ValidatingPolicies(
      ObjectView view, ResourceRegistry registry, ClusterObjects objects, Authorizer authorizer) {
    super(Policies.validating(view), registry, objects, authorizer);
  }

  @Override
  public String name() {
    return "ValidatingAdmissionPolicy";
  }

  @Override
  public void validate(AdmissionRequest request) {
    List<Bound<CompiledPolicy>> bound = bound();
    if (!bound.isEmpty()) {
      subject(request).ifPresent(subject -> new Round(subject).ask(bound));
    }
  }

  /** One request's way past all policies. */
  private final class Round {
    private final Subject subject;
    private final ArrayNode failures = Json.array();
    private final Map<String, Set<String>> annotations = new LinkedHashMap<>();
    private @Nullable String denial;
    private String reason = "";

    Round(Subject subject) {
      this.subject = subject;
    }

    void ask(List<Bound<CompiledPolicy>> bound) {
      eachMatch(subject, bound, this::ask);
      annotate();
      if (denial != null) {
        throw refusal(denial);
      }
    }

    private void ask(CompiledPolicy policy, PolicyBinding binding, ResourceType form) {
      List<@Nullable ObjectNode> found;
      try {
        found = parameters(policy, binding, subject);
      } catch (MisconfiguredException e) {
        if (policy.failsClosed()) {
          deny(policy, binding, "failed to configure binding: " + e.getMessage(), "");
        }
        return;
      }
      if (found.isEmpty()) {
        return;
      }
      Scene scene = scene(subject, form);
      for (ObjectNode params : found) {
        Map<String, Object> values = scene.with(params);
        PolicyRun.Outcome outcome = PolicyRun.of(policy, values);
        for (Violation violation : outcome.violations()) {
          violated(policy, binding, violation);
        }
        outcome
            .annotations()
            .forEach((key, value) ->
                annotations
                    .computeIfAbsent(policy.name() + "/" + key, _ -> new LinkedHashSet<>())
                    .add(value));
      }
    }

    private void violated(CompiledPolicy policy, PolicyBinding binding, Violation violation) {
      if (violation.always() || binding.actions().contains("Deny")) {
        deny(policy, binding, violation.message(), violation.reason());
      }
      if (!violation.always() && binding.actions().contains("Audit")) {
        failed(policy, binding, violation);
      }
      if (!violation.always() && binding.actions().contains("Warn")) {
        subject
            .request()
            .warnings()
            .add(
                "Validation failed for ValidatingAdmissionPolicy '"
                    + policy.name()
                    + "' with binding '"
                    + binding.name()
                    + "': "
                    + violation.message());
      }
    }

    /** Tells who reads the audit log; several bindings of a policy may say different things. */
    private void annotate() {
      Annotations log = subject.request().annotations();
      annotations.forEach((key, values) -> log.put(key, String.join(", ", values)));
      if (!failures.isEmpty()) {
        log.put(FAILURE, failures.toString());
      }
    }

    private void failed(CompiledPolicy policy, PolicyBinding binding, Violation violation) {
      ObjectNode failure = failures.addObject();
      failure.put("message", violation.message());
      failure.put("policy", policy.name());
      failure.put("binding", binding.name());
      failure.put("expressionIndex", violation.index());
      binding.actions().forEach(failure.putArray("validationActions")::add);
    }

    /** The first refusal is the one that is told. */
    private void deny(CompiledPolicy policy, PolicyBinding binding, String message, String why) {
      if (denial == null) {
        denial =
            "ValidatingAdmissionPolicy '"
                + policy.name()
                + "' with binding '"
                + binding.name()
                + "' denied request: "
                + message;
        reason = why;
      }
    }

    private ApiException refusal(String message) {
      AdmissionRequest request = subject.request();
      ApiStatus forbidden = Failures.refused(request.resource(), request.name(), message).status();
      StatusReason given = reason.isEmpty() ? StatusReason.INVALID : StatusReason.of(reason);
      List<StatusCause> causes = new ArrayList<>();
      causes.add(new StatusCause("", message, ""));
      return new ApiException(
          new ApiStatus(
              given.code(),
              given,
              forbidden.message(),
              new ApiStatus.Details(
                  request.name(),
                  request.resource().group(),
                  request.resource().resource(),
                  "",
                  causes,
                  0)));
    }
  }
}
