package dev.coxswain.apiserver.podsecurity;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.request.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds pods to the Pod Security Standards that their namespace's labels name: refuses pods by
 * {@code enforce}, warns of pods and of templates by {@code warn}.
 */
public final class PodSecurity implements AdmissionPlugin {
  private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
  private static final GroupResource PODS = new GroupResource("", "pods");

  /** What its annotations in the audit log begin with. */
  private static final String ANNOTATION = "pod-security.kubernetes.io/";

  /** Most pods of a namespace that are looked at when its labels change. */
  private static final int MAXIMUM_PODS = 3000;

  private final ClusterObjects objects;

  /** Looks namespaces up here. */
  public PodSecurity(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "PodSecurity";
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode object = request.object();
    boolean writes =
        request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
    if (object == null || !writes) {
      return;
    }
    if (request.isFor("", "namespaces")) {
      namespace(request, object);
    } else if (request.resource().equals(PODS)) {
      pod(request, object);
    } else if (request.subresource().isEmpty()) {
      template(request, object);
    }
  }

  private Optional<ObjectNode> home(AdmissionRequest request) {
    return objects.find(NAMESPACES, ObjectKey.cluster(request.namespace()));
  }

  private void pod(AdmissionRequest request, ObjectNode pod) {
    String part = request.subresource();
    if (!(part.isEmpty() || part.equals("ephemeralcontainers"))
        || !changesContainers(pod, request.oldObject())) {
      return;
    }
    home(request)
        .ifPresent(namespace -> {
          PodView view = new PodView(pod.path("metadata"), pod.path("spec"));
          Policy enforced = Policy.of(namespace, Policy.Mode.ENFORCE);
          request.annotations().put(ANNOTATION + "enforce-policy", enforced.toString());
          List<Violation> violations = Standards.violations(view, enforced);
          if (!violations.isEmpty()) {
            throw Failures.refused(
                PODS,
                request.name(),
                "violates PodSecurity \"" + enforced + "\": " + Standards.printed(violations));
          }
          remark(request, namespace, view);
        });
  }

  /** What else of a pod can change changes nothing that the rules are about. */
  private static boolean changesContainers(ObjectNode pod, @Nullable ObjectNode old) {
    return old == null
        || !new PodView(pod.path("metadata"), pod.path("spec"))
            .containers()
            .equals(new PodView(old.path("metadata"), old.path("spec")).containers());
  }

  private void template(AdmissionRequest request, ObjectNode object) {
    JsonNode template =
        switch (request.resource().toString()) {
          case "podtemplates" -> object.path("template");
          case "replicationcontrollers",
              "replicasets.apps",
              "deployments.apps",
              "statefulsets.apps",
              "daemonsets.apps",
              "jobs.batch" ->
              Json.at(object, "spec", "template");
          case "cronjobs.batch" -> Json.at(object, "spec", "jobTemplate", "spec", "template");
          default -> Json.object();
        };
    if (template.path("spec").isObject()) {
      PodView view = new PodView(template.path("metadata"), template.path("spec"));
      home(request).ifPresent(namespace -> remark(request, namespace, view));
    }
  }

  /** Tells the client and who reads the audit log what speaks against a pod. */
  private static void remark(AdmissionRequest request, ObjectNode namespace, PodView pod) {
    would(pod, Policy.of(namespace, Policy.Mode.WARN)).ifPresent(request.warnings()::add);
    would(pod, Policy.of(namespace, Policy.Mode.AUDIT))
        .ifPresent(text -> request.annotations().put(ANNOTATION + "audit-violations", text));
  }

  private static Optional<String> would(PodView pod, Policy policy) {
    List<Violation> violations = Standards.violations(pod, policy);
    return violations.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "would violate PodSecurity \"" + policy + "\": " + Standards.printed(violations));
  }

  /** Labels must make sense, and who makes them stricter is told whom that would refuse. */
  private void namespace(AdmissionRequest request, ObjectNode namespace) {
    ObjectNode old = request.oldObject();
    List<FieldError> errors = new ArrayList<>();
    for (Policy.Mode mode : Policy.Mode.values()) {
      check(namespace, old, mode, errors);
    }
    InvalidObject.throwIfAny(request.kind(), request.name(), errors);
    Policy policy = Policy.of(namespace, Policy.Mode.ENFORCE);
    if (old == null
        || policy.forbidsNothing()
        || policy.equals(Policy.of(old, Policy.Mode.ENFORCE))) {
      return;
    }
    Map<String, List<String>> names = new TreeMap<>();
    objects.list(PODS, request.name()).stream()
        .limit(MAXIMUM_PODS)
        .forEach(pod -> {
          PodView view = new PodView(pod.path("metadata"), pod.path("spec"));
          List<String> reasons =
              Standards.violations(view, policy).stream().map(Violation::reason).toList();
          if (!reasons.isEmpty()) {
            names
                .computeIfAbsent(String.join(", ", reasons), _ -> new ArrayList<>())
                .add(Json.text(pod, "metadata", "name"));
          }
        });
    if (names.isEmpty()) {
      return;
    }
    request
        .warnings()
        .add(
            "existing pods in namespace \""
                + request.name()
                + "\" violate the new PodSecurity enforce level \""
                + policy
                + "\"");
    names.forEach((reasons, pods) -> request.warnings().add(some(pods) + ": " + reasons));
  }

  private static String some(List<String> pods) {
    List<String> sorted = pods.stream().sorted().toList();
    int others = sorted.size() - 1;
    return others == 0
        ? sorted.getFirst()
        : sorted.getFirst() + " (and " + others + " other pod" + (others == 1 ? ")" : "s)");
  }

  private static void check(
      ObjectNode namespace, @Nullable ObjectNode old, Policy.Mode mode, List<FieldError> errors) {
    String level = Json.text(namespace, "metadata", "labels", mode.label());
    if (!level.isEmpty()
        && Policy.Level.of(level).isEmpty()
        && !level.equals(before(old, mode.label()))) {
      errors.add(
          FieldError.invalid(
              "metadata.labels[" + mode.label() + "]",
              level,
              "must be one of privileged, baseline, restricted"));
    }
    String version = Json.text(namespace, "metadata", "labels", mode.versionLabel());
    if (Policy.minor(version).isEmpty() && !version.equals(before(old, mode.versionLabel()))) {
      errors.add(
          FieldError.invalid(
              "metadata.labels[" + mode.versionLabel() + "]",
              version,
              "must be \"latest\" or \"v1.x\""));
    }
  }

  private static String before(@Nullable ObjectNode old, String label) {
    return old == null ? "" : Json.text(old, "metadata", "labels", label);
  }
}
