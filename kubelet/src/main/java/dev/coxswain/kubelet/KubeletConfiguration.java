package dev.coxswain.kubelet;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file of {@code --config}: the fields of {@code kubelet.config.k8s.io/v1beta1
 * KubeletConfiguration} that this kubelet knows. A flag wins over the file.
 */
record KubeletConfiguration(
    @Nullable String apiVersion,
    @Nullable String kind,
    @Nullable List<String> clusterDNS,
    @Nullable String clusterDomain,
    @Nullable Integer maxPods,
    @Nullable Long podPidsLimit,
    @Nullable Map<String, String> systemReserved,
    @Nullable Map<String, String> kubeReserved,
    @Nullable String resolvConf,
    @Nullable String staticPodPath,
    @Nullable String containerLogMaxSize,
    @Nullable Integer containerLogMaxFiles,
    @Nullable Map<String, String> evictionHard,
    @Nullable Map<String, String> evictionSoft,
    @Nullable Map<String, String> evictionSoftGracePeriod,
    @Nullable Map<String, String> evictionMinimumReclaim,
    @Nullable String evictionPressureTransitionPeriod,
    @Nullable Integer evictionMaxPodGracePeriod,
    @Nullable Integer imageGCHighThresholdPercent,
    @Nullable Integer imageGCLowThresholdPercent,
    @Nullable String imageMinimumGCAge,
    @Nullable String shutdownGracePeriod,
    @Nullable String shutdownGracePeriodCriticalPods,
    @Nullable List<PriorityGrace> shutdownGracePeriodByPodPriority,
    @Nullable Boolean rotateCertificates,
    @Nullable Boolean serverTLSBootstrap) {

  /** How long pods from a priority on may take when the node goes down. */
  record PriorityGrace(int priority, long shutdownGracePeriodSeconds) {}

  /** Nothing said. */
  static final KubeletConfiguration NONE =
      new KubeletConfiguration(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null, null, null, null, null, null, null, null, null);
}
