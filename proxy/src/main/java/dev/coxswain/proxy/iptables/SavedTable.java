package dev.coxswain.proxy.iptables;

import java.util.HashSet;
import java.util.Set;

/**
 * What {@code iptables-save} shows of one table, as far as we need it.
 *
 * @param chains the names of its chains
 * @param jumps the rules of the built-in chains, reduced to {@code CHAIN TARGET}
 */
record SavedTable(Set<String> chains, Set<String> jumps) {
  static final SavedTable EMPTY = new SavedTable(Set.of(), Set.of());

  SavedTable {
    chains = Set.copyOf(chains);
    jumps = Set.copyOf(jumps);
  }

  static SavedTable parse(String saved) {
    Set<String> chains = new HashSet<>();
    Set<String> jumps = new HashSet<>();
    saved
        .lines()
        .forEach(line -> {
          if (line.startsWith(":")) {
            chains.add(line.substring(1, line.indexOf(' ')));
          } else if (line.startsWith("-A ") && !line.startsWith("-A KUBE-")) {
            int target = line.lastIndexOf(" -j ");
            if (target > 0) {
              String chain = line.substring(3, line.indexOf(' ', 3));
              jumps.add(chain + " " + line.substring(target + 4).strip());
            }
          }
        });
    return new SavedTable(chains, jumps);
  }

  boolean has(BaseRules.Jump jump) {
    return jumps.contains(jump.chain() + " " + jump.target());
  }
}
