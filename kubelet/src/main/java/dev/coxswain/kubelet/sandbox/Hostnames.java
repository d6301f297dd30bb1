package dev.coxswain.kubelet.sandbox;

import dev.coxswain.kubelet.env.ConfigException;
import io.fabric8.kubernetes.api.model.Pod;

/** A pod's name to itself. */
public final class Hostnames {
  /** Linux' limit. */
  private static final int LONGEST = 63;

  /** The same for a whole name. */
  private static final int LONGEST_WHOLE = 64;

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

  /**
   * What {@code uname} tells in the pod: its hostname, or with {@code setHostnameAsFQDN} its whole
   * name in the cluster's DNS.
   *
   * @throws ConfigException for a whole name that Linux does not allow
   */
  public static String nodeName(Pod pod, String clusterDomain) throws ConfigException {
    String whole = domainName(pod, clusterDomain);
    if (!Boolean.TRUE.equals(pod.getSpec().getSetHostnameAsFQDN()) || whole.isEmpty()) {
      return of(pod);
    }
    if (whole.length() > LONGEST_WHOLE) {
      throw new ConfigException(
          "failed to construct FQDN from Pod hostname and cluster domain, FQDN "
              + whole
              + " is too long ("
              + LONGEST_WHOLE
              + " characters is the max, "
              + whole.length()
              + " characters requested)");
    }
    return whole;
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
