package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.request.Failures;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Nothing is made in a namespace that is not there or is going, and the system's namespaces stay.
 */
final class NamespaceLifecycle implements AdmissionPlugin {
  private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

  /** A question about a namespace may be asked whatever becomes of it. */
  private static final GroupResource REVIEWS =
      new GroupResource("authorization.k8s.io", "localsubjectaccessreviews");

  private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

  private final ClusterObjects objects;

  NamespaceLifecycle(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public String name() {
    return "NamespaceLifecycle";
  }

  @Override
  public void mutate(AdmissionRequest request) {
    if (request.operation() == Operation.DELETE
        && request.isFor("", "namespaces")
        && IMMORTAL.contains(request.name())) {
      throw Failures.refused(NAMESPACES, request.name(), "this namespace may not be deleted");
    }
    if (request.operation() != Operation.CREATE
        || request.namespace().isEmpty()
        || request.resource().equals(REVIEWS)
        || request.resource().equals(NAMESPACES)) {
      return;
    }
    ObjectNode namespace =
        objects
            .find(NAMESPACES, ObjectKey.cluster(request.namespace()))
            .orElseThrow(() -> Failures.notFound(NAMESPACES, request.namespace()));
    if (!Json.text(namespace, "metadata", "deletionTimestamp").isEmpty()
        || Json.text(namespace, "status", "phase").equals("Terminating")) {
      throw terminating(request);
    }
  }

  private static ApiException terminating(AdmissionRequest request) {
    String why =
        "unable to create new content in namespace "
            + request.namespace()
            + " because it is being terminated";
    GroupResource resource = request.resource();
    return new ApiException(
        new ApiStatus(
            StatusReason.FORBIDDEN.code(),
            StatusReason.FORBIDDEN,
            resource + " \"" + request.name() + "\" is forbidden: " + why,
            new ApiStatus.Details(
                request.name(),
                resource.group(),
                resource.resource(),
                "",
                List.of(
                    new StatusCause(
                        "NamespaceTerminating",
                        "namespace " + request.namespace() + " is being terminated",
                        "metadata.namespace")),
                0)));
  }
}
