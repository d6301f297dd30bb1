package dev.coxswain.proxy.iptables;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.proxy.service.PortState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules as they should be, the rules as they were last written, and the text that leads from
 * the one to the other. Not thread-safe: its one owner is the rule writer.
 */
public final class RuleBook {
  private final RuleBuilder builder;
  private final Map<ObjectKey, ServiceRules> services =
      new TreeMap<>(Comparator.comparing(ObjectKey::namespace).thenComparing(ObjectKey::name));
  private final Content raw;
  private final Content filter;
  private final Content nat;
  private Set<String> policyChains = Set.of();
  private boolean sharedStale = true;
  private boolean detours;

  /** The chains of one table. */
  private static final class Content {
    final Table table;
    final Map<String, List<String>> desired;
    final Map<String, List<String>> written = new TreeMap<>();

    /** The chains in which the two may differ. */
    final Set<String> touched;

    Content(Table table, Map<String, List<String>> base) {
      this.table = table;
      this.desired = new TreeMap<>(base);
      this.touched = new TreeSet<>(desired.keySet());
    }

    void set(String chain, List<String> rules) {
      desired.put(chain, rules);
      touched.add(chain);
    }

    void remove(String chain) {
      desired.remove(chain);
      touched.add(chain);
    }

    /** Forgets what was written, and takes over what is found. */
    void distrust(SavedTable found) {
      written.clear();
      touched.addAll(desired.keySet());
      for (String chain : found.chains()) {
        if (ChainNames.ofObject(chain)) {
          touched.add(chain);
          written.put(chain, List.of());
        }
      }
    }

    void applied() {
      for (String chain : touched) {
        List<String> rules = desired.get(chain);
        if (rules == null) {
          written.remove(chain);
        } else {
          written.put(chain, rules);
        }
      }
      touched.clear();
    }
  }

  /**
   * An empty book.
   *
   * @param clusterCidr the pods' addresses; empty when unknown
   * @param clusterDns where this node answers cluster DNS
   * @param masqueraded the pods that reach what is outside of the cluster with this node's address;
   *     empty for none
   */
  public RuleBook(String clusterCidr, String clusterDns, String masqueraded) {
    this.builder = new RuleBuilder(clusterCidr);
    this.raw = new Content(Table.RAW, BaseRules.raw());
    this.filter = new Content(Table.FILTER, BaseRules.filter(clusterDns, clusterCidr));
    this.nat = new Content(Table.NAT, BaseRules.nat(clusterCidr, masqueraded));
  }

  /** Replaces what one service contributes; no ports remove it. */
  public void put(ObjectKey service, List<PortState> ports) {
    ServiceRules after = builder.build(ports);
    ServiceRules before = ports.isEmpty() ? services.remove(service) : services.put(service, after);
    if (before != null) {
      before.chains.keySet().forEach(nat::remove);
    }
    after.chains.forEach(nat::set);
    sharedStale = true;
  }

  /**
   * Replaces the chains of all network policies.
   *
   * @param chains the rules of each; the first one is always there
   */
  public void policies(Map<String, List<String>> chains) {
    policyChains.stream().filter(chain -> !chains.containsKey(chain)).forEach(filter::remove);
    chains.forEach(filter::set);
    policyChains = Set.copyOf(chains.keySet());
  }

  /**
   * Replaces the way of lookups that nobody here answers. The raw table serves this alone: it is
   * written if this was called before everything is written for the first time.
   */
  public void detour(DnsDetour detour) {
    detours = true;
    detour.raw().forEach(raw::set);
    nat.set(ChainNames.DNS, detour.nat());
  }

  /** The tables with rules of ours. */
  List<Table> tables() {
    return contents().map(content -> content.table).toList();
  }

  private Stream<Content> contents() {
    return detours ? Stream.of(raw, filter, nat) : Stream.of(filter, nat);
  }

  /** How many services have rules. */
  public int size() {
    return services.size();
  }

  /**
   * What {@code iptables-restore --noflush} has to read so that the kernel's rules become the
   * desired ones; empty when they are already.
   */
  String changes() {
    return text(Map.of());
  }

  /**
   * As {@link #changes()}, but trusting nothing of what was written: every chain is written, chains
   * of services that are gone are removed, missing jumps are inserted.
   *
   * @param found the kernel's present rules by table
   */
  String everything(Map<Table, SavedTable> found) {
    contents()
        .forEach(content -> content.distrust(found.getOrDefault(content.table, SavedTable.EMPTY)));
    return text(found);
  }

  /** Notes that the last text was applied. */
  void applied() {
    contents().forEach(Content::applied);
  }

  private String text(Map<Table, SavedTable> found) {
    if (sharedStale) {
      composeShared();
      sharedStale = false;
    }
    StringBuilder text = new StringBuilder();
    contents().forEach(content -> write(content, found.get(content.table), text));
    return text.toString();
  }

  private static void write(Content content, @Nullable SavedTable found, StringBuilder text) {
    List<String> rewritten = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (String chain : content.touched) {
      List<String> wanted = content.desired.get(chain);
      List<String> is = content.written.get(chain);
      if (wanted == null) {
        if (is != null) {
          removed.add(chain);
        }
      } else if (is == null || !is.equals(wanted) || found != null) {
        rewritten.add(chain);
      }
    }
    Jumps jumps = found == null ? Jumps.NONE : Jumps.of(content.table, found);
    if (rewritten.isEmpty() && removed.isEmpty() && jumps.none()) {
      return;
    }
    text.append('*').append(content.table.text()).append('\n');
    // With --noflush, naming a chain creates or empties that chain and leaves all others alone.
    rewritten.forEach(chain -> text.append(':').append(chain).append(" - [0:0]\n"));
    removed.forEach(chain -> text.append(':').append(chain).append(" - [0:0]\n"));
    for (String chain : rewritten) {
      for (String rule : content.desired.getOrDefault(chain, List.of())) {
        text.append("-A ").append(chain).append(' ').append(rule).append('\n');
      }
    }
    jumps.deleted().forEach(rule -> text.append("-D ").append(rule.text()).append('\n'));
    // Each is inserted at the top, so the last one inserted comes first.
    for (BaseRules.Jump jump : jumps.inserted().reversed()) {
      text.append("-I ").append(jump.chain()).append(' ').append(jump.rule()).append('\n');
    }
    for (BaseRules.Jump jump : jumps.appended()) {
      text.append("-A ").append(jump.chain()).append(' ').append(jump.rule()).append('\n');
    }
    removed.forEach(chain -> text.append("-X ").append(chain).append('\n'));
    text.append("COMMIT\n");
  }

  /**
   * What becomes of the jumps from the built-in chains. In a chain where they are not all and in
   * their order, all are made anew: one that was put back before the others would go around them,
   * as a rule that accepts goes around network policies.
   */
  private record Jumps(
      List<SavedTable.Rule> deleted, List<BaseRules.Jump> inserted, List<BaseRules.Jump> appended) {
    static final Jumps NONE = new Jumps(List.of(), List.of(), List.of());

    boolean none() {
      return inserted.isEmpty() && appended.isEmpty();
    }

    static Jumps of(Table table, SavedTable found) {
      Map<String, List<BaseRules.Jump>> byChain =
          BaseRules.jumps(table).stream()
              .collect(
                  Collectors.groupingBy(
                      BaseRules.Jump::chain, LinkedHashMap::new, Collectors.toList()));
      List<SavedTable.Rule> deleted = new ArrayList<>();
      List<BaseRules.Jump> inserted = new ArrayList<>();
      byChain.forEach((chain, wanted) -> {
        List<String> targets = wanted.stream().map(BaseRules.Jump::target).toList();
        List<SavedTable.Rule> present = found.jumps(chain, targets);
        if (!present.stream().map(SavedTable.Rule::target).toList().equals(targets)) {
          deleted.addAll(present);
          inserted.addAll(wanted);
        }
      });
      List<BaseRules.Jump> appended =
          BaseRules.lastJumps(table).stream()
              .filter(jump -> found.jumps(jump.chain(), List.of(jump.target())).isEmpty())
              .toList();
      return new Jumps(deleted, inserted, appended);
    }
  }

  private void composeShared() {
    List<String> natServices = all(rules -> rules.natServices);
    natServices.add(BaseRules.NODE_PORTS_JUMP);
    nat.set(ChainNames.SERVICES, natServices);
    nat.set(ChainNames.NODE_PORTS, all(rules -> rules.nodePorts));
    filter.set(ChainNames.SERVICES, all(rules -> rules.filterServices));
    filter.set(ChainNames.EXTERNAL_SERVICES, all(rules -> rules.filterExternal));
    filter.set(ChainNames.PROXY_FIREWALL, all(rules -> rules.firewall));
  }

  private List<String> all(Function<ServiceRules, List<String>> part) {
    List<String> all = new ArrayList<>();
    services.values().forEach(rules -> all.addAll(part.apply(rules)));
    return all;
  }
}
