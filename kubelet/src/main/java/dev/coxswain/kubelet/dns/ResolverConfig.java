package dev.coxswain.kubelet.dns;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** A resolver's configuration, as {@code /etc/resolv.conf} holds it. */
public record ResolverConfig(List<String> servers, List<String> searches, List<String> options) {
  /** glibc reads no more. */
  private static final int MOST_SERVERS = 3;

  private static final int MOST_SEARCHES = 32;

  public ResolverConfig {
    servers = List.copyOf(servers);
    searches = List.copyOf(searches);
    options = List.copyOf(options);
  }

  /**
   * The cluster's DNS.
   *
   * @param servers the addresses; empty where the cluster has none
   * @param domain such as {@code cluster.local}
   * @param host what the node itself uses
   */
  public record Cluster(List<String> servers, String domain, Path host) {
    public Cluster {
      servers = List.copyOf(servers);
    }
  }

  /** What the pod asks for by its dnsPolicy and dnsConfig. */
  public static ResolverConfig of(Pod pod, Cluster cluster) throws IOException {
    boolean hostNetwork = Boolean.TRUE.equals(pod.getSpec().getHostNetwork());
    String policy =
        pod.getSpec().getDnsPolicy() == null ? "ClusterFirst" : pod.getSpec().getDnsPolicy();
    boolean clusterFirst =
        policy.equals("ClusterFirstWithHostNet") || (policy.equals("ClusterFirst") && !hostNetwork);
    ResolverConfig base;
    if (policy.equals("None")) {
      base = new ResolverConfig(List.of(), List.of(), List.of());
    } else if (clusterFirst && !cluster.servers().isEmpty()) {
      String domain = cluster.domain();
      List<String> searches = new ArrayList<>();
      searches.add(pod.getMetadata().getNamespace() + ".svc." + domain);
      searches.add("svc." + domain);
      searches.add(domain);
      searches.addAll(read(cluster.host()).searches());
      base = new ResolverConfig(cluster.servers(), searches, List.of("ndots:5"));
    } else {
      base = read(cluster.host());
    }
    return base.with(pod.getSpec().getDnsConfig());
  }

  /** Reads a resolv.conf; one that is not there is empty. */
  static ResolverConfig read(Path file) throws IOException {
    List<String> servers = new ArrayList<>();
    List<String> searches = List.of();
    List<String> options = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split("\\s+");
        switch (words[0]) {
          case "nameserver" -> servers.addAll(List.of(words).subList(1, Math.min(2, words.length)));
          case "search", "domain" -> searches = List.of(words).subList(1, words.length);
          case "options" -> options.addAll(List.of(words).subList(1, words.length));
          default -> {}
        }
      }
    }
    searches = searches.stream().filter(search -> !search.equals(".")).toList();
    return new ResolverConfig(servers, searches, options);
  }

  private ResolverConfig with(@org.jspecify.annotations.Nullable PodDNSConfig own) {
    LinkedHashSet<String> allServers = new LinkedHashSet<>(servers);
    LinkedHashSet<String> allSearches = new LinkedHashSet<>(searches);
    Map<String, String> allOptions = new LinkedHashMap<>();
    options.forEach(option -> allOptions.put(option.split(":", 2)[0], option));
    if (own != null) {
      allServers.addAll(own.getNameservers());
      allSearches.addAll(own.getSearches());
      for (PodDNSConfigOption option : own.getOptions()) {
        boolean valued = option.getValue() != null && !option.getValue().isEmpty();
        allOptions.put(
            option.getName(),
            valued ? option.getName() + ":" + option.getValue() : option.getName());
      }
    }
    return new ResolverConfig(
        allServers.stream().limit(MOST_SERVERS).toList(),
        allSearches.stream().limit(MOST_SEARCHES).toList(),
        List.copyOf(allOptions.values()));
  }
}
