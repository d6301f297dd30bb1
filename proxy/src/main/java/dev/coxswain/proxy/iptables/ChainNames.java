package dev.coxswain.proxy.iptables;

import dev.coxswain.proxy.service.Endpoint;
import dev.coxswain.proxy.service.ServicePort;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;

/**
 * The names of chains. Those of services are hashed as upstream hashes them, so that tools and
 * people find the same names, and so that a name never depends on what else is in the cluster.
 */
public final class ChainNames {
  /** Where all policies begin. */
  public static final String NETWORK_POLICY = "KUBE-NETWORK-POLICY";

  static final String SERVICES = "KUBE-SERVICES";
  static final String EXTERNAL_SERVICES = "KUBE-EXTERNAL-SERVICES";
  static final String NODE_PORTS = "KUBE-NODEPORTS";
  static final String POSTROUTING = "KUBE-POSTROUTING";
  static final String MARK_MASQ = "KUBE-MARK-MASQ";
  static final String FORWARD = "KUBE-FORWARD";
  static final String POD_FORWARD = "KUBE-POD-FORWARD";
  static final String PROXY_FIREWALL = "KUBE-PROXY-FIREWALL";
  static final String FIREWALL = "KUBE-FIREWALL";
  static final String DNS = "KUBE-DNS";
  static final String DNS_ANSWERS = "KUBE-DNS-ANSWERS";
  static final String CANARY = "KUBE-PROXY-CANARY";

  private static final String CLUSTER = "KUBE-SVC-";
  private static final String LOCAL = "KUBE-SVL-";
  private static final String EXTERNAL = "KUBE-EXT-";
  private static final String LOAD_BALANCER = "KUBE-FW-";
  private static final String ENDPOINT = "KUBE-SEP-";
  private static final String POLICY_POD = "KUBE-NPP-";
  private static final String POLICY_RULES = "KUBE-NPR-";
  private static final String POLICY_PEERS = "KUBE-NPF-";
  private static final Set<String> OWNED =
      Set.of(
          CLUSTER,
          LOCAL,
          EXTERNAL,
          LOAD_BALANCER,
          ENDPOINT,
          POLICY_POD,
          POLICY_RULES,
          POLICY_PEERS);

  private static final int HASH_LENGTH = 16;
  private static final char[] BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".toCharArray();

  private ChainNames() {}

  /** The chain that balances over all of the cluster's endpoints. */
  static String cluster(ServicePort port) {
    return CLUSTER + hash(identity(port));
  }

  /** The chain that balances over this node's endpoints. */
  static String local(ServicePort port) {
    return LOCAL + hash(identity(port));
  }

  /** The chain for traffic that came by a node port, an external or a load balancer address. */
  static String external(ServicePort port) {
    return EXTERNAL + hash(identity(port));
  }

  /** The chain that admits a load balancer's source ranges. */
  static String loadBalancer(ServicePort port) {
    return LOAD_BALANCER + hash(identity(port));
  }

  /** The chain that translates to one endpoint. */
  static String endpoint(ServicePort port, Endpoint endpoint) {
    return ENDPOINT + hash(identity(port) + endpoint.target());
  }

  /** The chain of an isolated pod. */
  public static String policyPod(String identity) {
    return POLICY_POD + hash(identity);
  }

  /** The chain of a policy's ports. */
  public static String policyRules(String identity) {
    return POLICY_RULES + hash(identity);
  }

  /** The chain of the peers of one of a policy's rules. */
  public static String policyPeers(String identity) {
    return POLICY_PEERS + hash(identity);
  }

  /** Whether a chain belongs to one service or policy, and therefore to us to remove. */
  static boolean ofObject(String chain) {
    return OWNED.stream().anyMatch(chain::startsWith);
  }

  private static String identity(ServicePort port) {
    return port.name() + port.protocol().text();
  }

  private static String hash(String text) {
    byte[] digest;
    try {
      digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
    StringBuilder name = new StringBuilder(HASH_LENGTH);
    for (int digit = 0; digit < HASH_LENGTH; digit++) {
      int bit = digit * 5;
      int window = (digest[bit / 8] & 0xff) << 8 | (digest[bit / 8 + 1] & 0xff);
      name.append(BASE32[window >> (11 - bit % 8) & 31]);
    }
    return name.toString();
  }
}
