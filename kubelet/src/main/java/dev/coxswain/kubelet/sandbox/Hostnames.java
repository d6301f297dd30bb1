package dev.coxswain.kubelet.sandbox;

import io.fabric8.kubernetes.api.model.Pod;

/** A pod's name to itself. */
public final class Hostnames {
  /** Linux' limit. */
  private static final int LONGEST = 63;

  private Hostnames() {}

  /** The pod's hostname: its own wish, else its name, cut to what Linux allows. */
  public static String of(Pod pod) {
    String wish = pod.getSpec().getHostname();
    String name = wish == null || wish.isEmpty() ? pod.getMetadata().getName() : wish;
    if (name.length() <= LONGEST) {
      return name;
    }
    int end = LONGEST;
    while (end > 0 && (name.charAt(end - 1) == '-' || name.charAt(end - 1) == '.')) {
      end--;
    }
    return name.substring(0, end);
  }

  /** The name under which cluster DNS knows a pod of a subdomain; empty without one. */
  public static String domainName(Pod pod, String clusterDomain) {
    String subdomain = pod.getSpec().getSubdomain();
    return subdomain == null || subdomain.isEmpty()
        ? ""
        : of(pod)
            + "."
            + subdomain
            + "."
            + pod.getMetadata().getNamespace()
            + ".svc."
            + clusterDomain;
  }
}
