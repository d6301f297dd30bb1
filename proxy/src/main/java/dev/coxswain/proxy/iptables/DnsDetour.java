package dev.coxswain.proxy.iptables;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.Kernel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a node's pods have names while nobody answers DNS on it. The kernel itself sees whether a
 * socket listens at the DNS address: a packet for it passes untracked, as does its answer. Any
 * other lookup is translated to another node, to the address with which that node's pod range
 * begins and which no pod has; that node translates it to the DNS address again. Since a lookup
 * that is answered here leaves no trace, its repetition, from the same port, can go elsewhere a
 * moment later.
 *
 * @param clusterDns where every node answers cluster DNS
 * @param clusterCidr the pods' addresses; empty when unknown
 * @param own the range of this node's pods; empty while it has none
 * @param others the ranges of the nodes to ask instead, each with an equal share of the lookups
 */
public record DnsDetour(String clusterDns, String clusterCidr, String own, List<String> others) {
  private static final String PROBE = "KUBE-DNS-PROBE";
  private static final String LISTENS = " -m socket -j CT --notrack";

  public DnsDetour {
    others = List.copyOf(others);
  }

  /** Whether the kernel can tell who listens; where it cannot, every lookup would be sent away. */
  public static boolean possible(Kernel kernel) throws IOException, InterruptedException {
    CommandResult result = restore(kernel, "-A " + PROBE + " -p udp" + LISTENS + "\n");
    if (result.succeeded()) {
      restore(kernel, "-X " + PROBE + "\n");
    }
    return result.succeeded();
  }

  private static CommandResult restore(Kernel kernel, String line)
      throws IOException, InterruptedException {
    String text = "*raw\n:" + PROBE + " - [0:0]\n" + line + "COMMIT\n";
    return kernel.run(
        new Command(
            List.of("iptables-restore", "-w", "5", "--noflush"), text, Command.SHORT_DEADLINE));
  }

  /** The chains of the raw table. */
  Map<String, List<String>> raw() {
    List<String> questions = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    if (!own.isEmpty()) {
      // One comparison for whatever is no lookup.
      questions.add("! -d " + clusterDns + "/32 -j RETURN");
      answers.add("! -s " + clusterDns + "/32 -j RETURN");
      for (String protocol : List.of("udp", "tcp")) {
        questions.add("-s " + own + " " + match(protocol) + "--dport 53" + LISTENS);
        answers.add("-d " + own + " " + match(protocol) + "--sport 53 -j CT --notrack");
      }
    }
    return Map.of(ChainNames.DNS, questions, ChainNames.DNS_ANSWERS, answers);
  }

  /** The rules of the chain in the nat table. */
  List<String> nat() {
    List<String> rules = new ArrayList<>();
    if (own.isEmpty()) {
      return rules;
    }
    for (String protocol : List.of("udp", "tcp")) {
      String toPort = match(protocol) + "--dport 53 ";
      for (int index = 0; index < others.size(); index++) {
        rules.add(
            "-s "
                + own
                + " -d "
                + clusterDns
                + "/32 "
                + toPort
                + share(others.size() - index)
                + "-j DNAT --to-destination "
                + firstAddress(others.get(index))
                + ":53");
      }
      rules.add(
          (clusterCidr.isEmpty() ? "" : "-s " + clusterCidr + " ")
              + "-d "
              + firstAddress(own)
              + "/32 "
              + toPort
              + "-j DNAT --to-destination "
              + clusterDns
              + ":53");
    }
    return rules;
  }

  /** One of so many, by chance. */
  static String share(int of) {
    return of == 1
        ? ""
        : "-m statistic --mode random --probability "
            + String.format(Locale.ROOT, "%.10f", 1.0 / of)
            + " ";
  }

  private static String firstAddress(String range) {
    return range.substring(0, range.indexOf('/'));
  }

  private static String match(String protocol) {
    return "-p " + protocol + " -m " + protocol + " ";
  }
}
