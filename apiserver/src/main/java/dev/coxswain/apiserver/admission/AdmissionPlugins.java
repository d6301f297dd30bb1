package dev.coxswain.apiserver.admission;

import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.runtime.time.Randomness;
import java.util.List;

/** The plugins of every server, in the order in which they are asked. */
public final class AdmissionPlugins {
  private AdmissionPlugins() {}

  /** The namespace comes first: nothing else is worth saying about what has no place to live. */
  public static List<AdmissionPlugin> standard(
      ClusterObjects objects, Authorizer authorizer, Randomness random) {
    return List.of(
        new NamespaceLifecycle(objects),
        new NodeRestriction(objects, authorizer),
        new NewNodeTaint(),
        new LimitRanger(objects),
        new ServiceAccountAdmission(objects, random),
        new Priority(objects),
        new RuntimeClassAdmission(objects),
        new DefaultTolerationSeconds(),
        DefaultClass.ofStorage(objects),
        DefaultClass.ofIngress(objects),
        new PersistentVolumeClaimResize(objects),
        new StorageObjectInUseProtection());
  }
}
