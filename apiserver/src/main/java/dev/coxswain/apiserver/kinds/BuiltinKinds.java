package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.ArrayList;
import java.util.List;

/**
 * Every built-in kind: those that Kubernetes 1.34 serves as generally available, and those that
 * became so since, these also as the beta that 1.34 knows.
 */
public final class BuiltinKinds {
  private BuiltinKinds() {}

  /** The kinds, in the order of discovery; a group's preferred version stands first. */
  public static List<ResourceType> all(BuiltinSchemas schemas) {
    List<ResourceType> types = new ArrayList<>();
    types.addAll(CoreKinds.types(new Kinds(schemas, "", "v1")));
    types.addAll(RegistrationKinds.apiServices(new Kinds(schemas, "apiregistration.k8s.io", "v1")));
    types.addAll(AppsKinds.types(new Kinds(schemas, "apps", "v1")));
    types.addAll(EventKinds.types(new Kinds(schemas, "events.k8s.io", "v1")));
    types.addAll(ReviewKinds.authentication(new Kinds(schemas, "authentication.k8s.io", "v1")));
    types.addAll(ReviewKinds.authorization(new Kinds(schemas, "authorization.k8s.io", "v1")));
    types.addAll(AutoscalingKinds.types(new Kinds(schemas, "autoscaling", "v2")));
    types.addAll(AutoscalingKinds.types(new Kinds(schemas, "autoscaling", "v1")));
    types.addAll(BatchKinds.types(new Kinds(schemas, "batch", "v1")));
    types.addAll(CertificateKinds.types(new Kinds(schemas, "certificates.k8s.io", "v1")));
    types.addAll(NetworkingKinds.types(new Kinds(schemas, "networking.k8s.io", "v1")));
    types.addAll(PolicyKinds.types(new Kinds(schemas, "policy", "v1")));
    types.addAll(RbacKinds.types(new Kinds(schemas, "rbac.authorization.k8s.io", "v1")));
    types.addAll(StorageKinds.types(new Kinds(schemas, "storage.k8s.io", "v1")));
    types.addAll(
        RegistrationKinds.admission(new Kinds(schemas, "admissionregistration.k8s.io", "v1")));
    types.addAll(
        RegistrationKinds.admissionBeta(
            new Kinds(schemas, "admissionregistration.k8s.io", "v1beta1")));
    types.addAll(RegistrationKinds.definitions(new Kinds(schemas, "apiextensions.k8s.io", "v1")));
    types.addAll(SchedulingKinds.types(new Kinds(schemas, "scheduling.k8s.io", "v1")));
    types.addAll(CoordinationKinds.types(new Kinds(schemas, "coordination.k8s.io", "v1")));
    types.addAll(NodeKinds.types(new Kinds(schemas, "node.k8s.io", "v1")));
    types.addAll(DiscoveryKinds.types(new Kinds(schemas, "discovery.k8s.io", "v1")));
    types.addAll(FlowControlKinds.types(new Kinds(schemas, "flowcontrol.apiserver.k8s.io", "v1")));
    types.addAll(ResourceKinds.types(new Kinds(schemas, "resource.k8s.io", "v1")));
    types.addAll(MigrationKinds.types(new Kinds(schemas, "storagemigration.k8s.io", "v1")));
    types.addAll(UsageMetricsKinds.types(new Kinds(schemas, "metrics.k8s.io", "v1beta1")));
    return List.copyOf(types);
  }
}
