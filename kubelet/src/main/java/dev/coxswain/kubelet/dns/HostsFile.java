package dev.coxswain.kubelet.dns;

import io.fabric8.kubernetes.api.model.HostAlias;
import java.util.List;

/** The hosts file that a pod's containers share. */
public final class HostsFile {
  private static final String HEADER = "# Kubernetes-managed hosts file.\n";
  private static final String HOST_NETWORK_HEADER =
      "# Kubernetes-managed hosts file (host network).\n";

  private HostsFile() {}

  /**
   * The file of a pod with addresses of its own.
   *
   * @param domainName {@code hostname.subdomain.namespace.svc.domain}, or empty
   */
  public static String own(
      List<String> addresses, String hostname, String domainName, List<HostAlias> aliases) {
    StringBuilder text = new StringBuilder(HEADER);
    text.append("127.0.0.1\tlocalhost\n");
    text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
    text.append("fe00::0\tip6-localnet\n");
    text.append("fe00::0\tip6-mcastprefix\n");
    text.append("fe00::1\tip6-allnodes\n");
    text.append("fe00::2\tip6-allrouters\n");
    for (String address : addresses) {
      text.append(address).append('\t');
      if (!domainName.isEmpty()) {
        text.append(domainName).append('\t');
      }
      text.append(hostname).append('\n');
    }
    return append(text, aliases);
  }

  /** The file of a pod in the node's network. */
  public static String ofHost(String hostFile, List<HostAlias> aliases) {
    StringBuilder text = new StringBuilder(HOST_NETWORK_HEADER).append(hostFile);
    if (!hostFile.endsWith("\n")) {
      text.append('\n');
    }
    return append(text, aliases);
  }

  private static String append(StringBuilder text, List<HostAlias> aliases) {
    if (!aliases.isEmpty()) {
      text.append("\n# Entries added by HostAliases.\n");
      for (HostAlias alias : aliases) {
        text.append(alias.getIp())
            .append('\t')
            .append(String.join("\t", alias.getHostnames()))
            .append('\n');
      }
    }
    return text.toString();
  }
}
