package dev.coxswain.kubelet;

import dev.coxswain.kubelet.admission.Sysctls;
import dev.coxswain.kubelet.dns.ResolverConfig;
import dev.coxswain.kubelet.garbage.ImageLimits;
import dev.coxswain.kubelet.image.CredentialProvider;
import dev.coxswain.kubelet.log.LogRotator;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.node.NodeSettings;
import dev.coxswain.kubelet.shutdown.ShutdownSettings;
import dev.coxswain.runtime.tls.TlsTrust;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a kubelet is told at its start.
 *
 * @param runtimeEndpoint {@code unix:///path}
 * @param cgroupRoot the control group below which pods' groups stand
 * @param podPidsLimit the most processes of a pod; 0 for no limit
 * @param sysctls kernel parameters that pods may set
 * @param manifests where static pods are described; null for none
 * @param longestBackOff the longest that a container waits that ends again and again
 * @param parallelPulls how many images are pulled at the same time at most
 * @param logs how large containers' logs grow
 * @param systemLogs what {@code /logs/} shows; null for nothing
 * @param images when unused images go
 * @param credentials programs that know credentials of registries
 * @param shutdown how long pods may take when the node goes down
 * @param fence how long the node's lease may go without renewal before its pods are stopped; zero
 *     for ever
 * @param api where its API listens
 * @param clients whose certificates may use its API
 * @param configuration what is in force, as JSON, as {@code /configz} shows it
 * @param health where plain health listens
 */
record KubeletSettings(
    NodeSettings node,
    NodePaths paths,
    String runtimeEndpoint,
    String cgroupRoot,
    long podPidsLimit,
    Sysctls sysctls,
    @Nullable Path manifests,
    Duration longestBackOff,
    int parallelPulls,
    LogRotator.Limits logs,
    @Nullable Path systemLogs,
    ImageLimits images,
    List<CredentialProvider> credentials,
    ShutdownSettings shutdown,
    Duration fence,
    ResolverConfig.Cluster dns,
    InetSocketAddress api,
    TlsTrust clients,
    String configuration,
    InetSocketAddress health) {}
