package dev.coxswain.proxy.iptables;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@code iptables-save} shows of one table, as far as we need it.
 *
 * @param chains the names of its chains
 * @param rules the rules of the built-in chains, in their order
 */
record SavedTable(Set<String> chains, List<Rule> rules) {
  static final SavedTable EMPTY = new SavedTable(Set.of(), List.of());

  /**
   * A rule with a target.
   *
   * @param text the whole rule behind the {@code -A}, its chain first
   */
  record Rule(String chain, String target, String text) {}

  SavedTable {
    chains = Set.copyOf(chains);
    rules = List.copyOf(rules);
  }

  static SavedTable parse(String saved) {
    Set<String> chains = new HashSet<>();
    List<Rule> rules = new ArrayList<>();
    saved
        .lines()
        .forEach(line -> {
          if (line.startsWith(":")) {
            chains.add(line.substring(1, line.indexOf(' ')));
          } else if (line.startsWith("-A ") && !line.startsWith("-A KUBE-")) {
            int target = line.lastIndexOf(" -j ");
            if (target > 0) {
              String chain = line.substring(3, line.indexOf(' ', 3));
              rules.add(new Rule(chain, line.substring(target + 4).strip(), line.substring(3)));
            }
          }
        });
    return new SavedTable(chains, rules);
  }

  /** The rules of a built-in chain that jump to one of these targets. */
  List<Rule> jumps(String chain, List<String> targets) {
    return rules.stream()
        .filter(rule -> rule.chain().equals(chain) && targets.contains(rule.target()))
        .toList();
  }
}
