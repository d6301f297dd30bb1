package dev.coxswain.kubelet;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.coxswain.api.json.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file of {@code --config}: the fields of {@code kubelet.config.k8s.io/v1beta1
 * KubeletConfiguration} that this kubelet knows, and {@code fenceAfter}, which upstream's does not
 * have. A flag wins over the file. In the file all fields stand side by side; here those of a
 * feature stand with its flags.
 */
record KubeletConfiguration(
    @Nullable String apiVersion,
    @Nullable String kind,
    @Nullable List<String> clusterDNS,
    @Nullable String clusterDomain,
    @Nullable String resolvConf,
    @Nullable Integer maxPods,
    @Nullable Long podPidsLimit,
    @Nullable List<String> allowedUnsafeSysctls,
    @Nullable Map<String, String> systemReserved,
    @Nullable Map<String, String> kubeReserved,
    @Nullable String staticPodPath,
    @Nullable CrashLoopBackOff crashLoopBackOff,
    @JsonUnwrapped PullOptions.Fields pulls,
    @JsonUnwrapped LogOptions.Fields logs,
    @JsonUnwrapped EvictionOptions.Fields eviction,
    @JsonUnwrapped ShutdownOptions.Fields shutdown,
    @JsonUnwrapped CertificateOptions.Fields certificates) {

  /** Nothing said, as by an empty file. */
  static final KubeletConfiguration NONE =
      Json.mapper().readValue("{}", KubeletConfiguration.class);
}
