package dev.coxswain.controllers;

import dev.coxswain.controllers.attach.AttachDetachController;
import dev.coxswain.controllers.bootstrap.BootstrapSigner;
import dev.coxswain.controllers.bootstrap.TokenCleaner;
import dev.coxswain.controllers.census.Census;
import dev.coxswain.controllers.certificates.CertificateApprovingController;
import dev.coxswain.controllers.certificates.CertificateCleaner;
import dev.coxswain.controllers.certificates.CertificateSigningController;
import dev.coxswain.controllers.certificates.ClusterAuthority;
import dev.coxswain.controllers.clusterrole.ClusterRoleAggregationController;
import dev.coxswain.controllers.cronjob.CronJobController;
import dev.coxswain.controllers.daemonset.DaemonSetController;
import dev.coxswain.controllers.deployment.DeploymentController;
import dev.coxswain.controllers.disruption.DisruptionController;
import dev.coxswain.controllers.disruption.StaleDisruptionController;
import dev.coxswain.controllers.endpoints.EndpointSliceController;
import dev.coxswain.controllers.endpoints.EndpointSliceMirroringController;
import dev.coxswain.controllers.endpoints.EndpointsController;
import dev.coxswain.controllers.ephemeral.EphemeralVolumeController;
import dev.coxswain.controllers.garbage.GarbageService;
import dev.coxswain.controllers.job.JobController;
import dev.coxswain.controllers.job.TtlAfterFinishedController;
import dev.coxswain.controllers.leader.LeaderAnnotator;
import dev.coxswain.controllers.manager.ControllerManager;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.namespace.NamespaceController;
import dev.coxswain.controllers.nodeipam.NodeIpamController;
import dev.coxswain.controllers.nodelifecycle.NodeLifecycleController;
import dev.coxswain.controllers.nodelifecycle.TaintEvictionController;
import dev.coxswain.controllers.podautoscaler.HorizontalPodAutoscalerController;
import dev.coxswain.controllers.podgc.PodGarbageCollector;
import dev.coxswain.controllers.quota.ResourceQuotaController;
import dev.coxswain.controllers.replicaset.ReplicaSetController;
import dev.coxswain.controllers.replicaset.ReplicationControllerController;
import dev.coxswain.controllers.rootca.RootCaPublisher;
import dev.coxswain.controllers.serviceaccount.ServiceAccountController;
import dev.coxswain.controllers.serviceaccount.TokenSecretController;
import dev.coxswain.controllers.serviceaccount.TokenSigner;
import dev.coxswain.controllers.servicerange.AddressRepairController;
import dev.coxswain.controllers.servicerange.ServiceRangeController;
import dev.coxswain.controllers.statefulset.StatefulSetController;
import dev.coxswain.controllers.volume.AttributesClassProtection;
import dev.coxswain.controllers.volume.ClaimBinder;
import dev.coxswain.controllers.volume.ClaimExpander;
import dev.coxswain.controllers.volume.ClaimProtection;
import dev.coxswain.controllers.volume.VolumeKeeper;
import dev.coxswain.controllers.volume.VolumeProtection;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Every controller there is, a line each: this is where a new one is registered. */
final class Controllers {

  private final Map<String, Supplier<Reconciler<?>>> reconcilers = new LinkedHashMap<>();
  private final ApiClient api;

  /** Of one term: the next leader counts anew. */
  private Census census = new Census();

  private final Time time;
  private final Randomness random;

  /**
   * What the process was told.
   *
   * @param nodeGracePeriod how long a node may be silent
   * @param clusterCidr all pod addresses; empty where nodes bring their own
   * @param rootCertificates the cluster's authority as PEM; empty where it is not published
   * @param signing the authority that signs certificate requests; empty where none are signed
   * @param tokens what signs the tokens in Secrets; empty where none are signed
   */
  record Settings(
      Duration nodeGracePeriod,
      Optional<String> clusterCidr,
      Optional<String> rootCertificates,
      Optional<ClusterAuthority> signing,
      Optional<TokenSigner> tokens) {}

  Controllers(ApiClient api, Settings settings, Time time, Randomness random) {
    this.api = api;
    this.time = time;
    this.random = random;
    add(ReplicaSetController::new);
    add(ReplicationControllerController::new);
    add(DeploymentController::new);
    add(DaemonSetController::new);
    add(StatefulSetController::new);
    add(JobController::new);
    add(CronJobController::new);
    add(TtlAfterFinishedController::new);
    add(() -> new DisruptionController(api));
    add(StaleDisruptionController::new);
    add(() -> new ResourceQuotaController(census));
    add(ClaimBinder::new);
    add(VolumeKeeper::new);
    add(ClaimProtection::new);
    add(VolumeProtection::new);
    add(AttributesClassProtection::new);
    add(ClaimExpander::new);
    add(EphemeralVolumeController::new);
    add(AttachDetachController::new);
    add(EndpointSliceController::new);
    add(EndpointSliceMirroringController::new);
    add(EndpointsController::new);
    add(() -> new ServiceRangeController(api));
    add(AddressRepairController::new);
    add(() -> new NamespaceController(api));
    add(ServiceAccountController::new);
    add(ClusterRoleAggregationController::new);
    settings
        .tokens()
        .ifPresent(signer ->
            add(() -> new TokenSecretController(signer, settings.rootCertificates().orElse(""))));
    add(TokenCleaner::new);
    add(BootstrapSigner::new);
    settings.rootCertificates().ifPresent(pem -> add(() -> new RootCaPublisher(pem)));
    add(() -> new NodeLifecycleController(settings.nodeGracePeriod()));
    add(TaintEvictionController::new);
    add(LeaderAnnotator::new);
    add(PodGarbageCollector::new);
    add(() -> new CertificateApprovingController(api));
    settings
        .signing()
        .ifPresent(authority -> add(() -> new CertificateSigningController(authority)));
    add(CertificateCleaner::new);
    add(() -> new HorizontalPodAutoscalerController(api));
    settings.clusterCidr().ifPresent(cidr -> add(() -> new NodeIpamController(cidr)));
  }

  /** Adds those that the selection wants to a manager, each made anew for its term. */
  void addTo(ControllerManager manager, Selection selection) {
    census = new Census();
    reconcilers.forEach((name, factory) -> {
      if (selection.wants(name)) {
        manager.add(factory.get());
      }
    });
    if (selection.wants(GarbageService.NAME)) {
      manager.add(
          new GarbageService(
              api,
              resource -> ListWatchInformer.metadata(api, resource, time, random),
              census,
              manager.events(),
              time,
              random));
    }
  }

  /** The names that a selection may use. */
  List<String> names() {
    return java.util.stream.Stream.concat(
            reconcilers.keySet().stream(), java.util.stream.Stream.of(GarbageService.NAME))
        .toList();
  }

  private void add(Supplier<Reconciler<?>> factory) {
    reconcilers.put(factory.get().name(), factory);
  }

  /** Which controllers run: {@code *} for all, a name for one, {@code -name} for all but one. */
  record Selection(List<String> terms) {

    /**
     * @throws IllegalArgumentException for a name that no controller has
     */
    static Selection of(List<String> terms, List<String> known) {
      for (String term : terms) {
        String name = term.startsWith("-") ? term.substring(1) : term;
        if (!name.equals("*") && !known.contains(name)) {
          throw new IllegalArgumentException(
              "--controllers: there is no controller \""
                  + name
                  + "\"; there are "
                  + String.join(", ", known));
        }
      }
      return new Selection(List.copyOf(terms));
    }

    boolean wants(String name) {
      return !terms.contains("-" + name) && (terms.contains("*") || terms.contains(name));
    }
  }
}
