package dev.coxswain.proxy.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.ProcessKernel;
import dev.coxswain.proxy.service.Endpoint;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import dev.coxswain.proxy.service.ServicePortName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules in the kernel, inside a network namespace of the test's own. */
class RealIptablesTest {
  private final String namespace = "cox-rules-" + ProcessHandle.current().pid();
  private final ProcessKernel host = new ProcessKernel();
  private final ProcessKernel node = new ProcessKernel(List.of("ip", "netns", "exec", namespace));

  @BeforeEach
  void makeNamespace() throws IOException, InterruptedException {
    assertThat(System.getProperty("user.name")).as("rules need root").isEqualTo("root");
    host.require(Command.of("ip", "netns", "add", namespace));
  }

  @AfterEach
  void removeNamespace() throws IOException, InterruptedException {
    host.run(Command.of("ip", "netns", "del", namespace));
  }

  @Test
  void everyKindOfRuleIsAccepted() throws IOException, InterruptedException {
    RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    for (Protocol protocol : Protocol.values()) {
      for (boolean local : List.of(true, false)) {
        String name = protocol.text() + (local ? "-local" : "");
        ServicePort port =
            new ServicePort(
                new ServicePortName("all", name, "p"),
                protocol,
                "10.96.1.1",
                80,
                30080,
                List.of("192.0.2.7"),
                List.of("198.51.100.9"),
                List.of("203.0.113.0/24"),
                60,
                local,
                local);
        book.put(key(name), List.of(new PortState(port, endpoints(3))));
        book.put(key(name + "-empty"), List.of(new PortState(port, List.of())));
        book.put(key(name + "-remote"), List.of(new PortState(port, remote())));
      }
    }
    new IptablesWriter(node, book).write();
    assertThat(nat()).contains("--to-destination 10.244.1.3:8080", "-m recent --rcheck");
  }

  @Test
  void theDetourOfLookupsIsAcceptedAndTakenBack() throws IOException, InterruptedException {
    assertThat(DnsDetour.possible(node)).isTrue();
    RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    IptablesWriter writer = new IptablesWriter(node, book);
    book.detour(detour("10.244.1.0/24", "10.244.2.0/24", "10.244.3.0/24"));
    writer.write();
    String raw = node.require(Command.of("iptables-save", "-t", "raw"));
    assertThat(rules(raw)).hasSize(9).anyMatch(rule -> rule.contains("-m socket"));
    assertThat(raw).doesNotContain("PROBE");
    assertThat(nat()).contains("--to-destination 10.244.2.0:53", "--to-destination 10.244.3.0:53");

    node.require(Command.of("iptables", "-t", "raw", "-F"));
    assertThat(writer.intact()).isFalse();
    book.detour(detour(""));
    writer.write();
    assertThat(nat()).doesNotContain("--to-destination");
    assertThat(rules(node.require(Command.of("iptables-save", "-t", "raw")))).hasSize(3);
  }

  private static DnsDetour detour(String own, String... others) {
    return new DnsDetour("10.96.0.10", "10.244.0.0/16", own, List.of(others));
  }

  @Test
  void aThousandServicesAndOneChange() throws IOException, InterruptedException {
    RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    IptablesWriter writer = new IptablesWriter(node, book);
    for (int index = 0; index < 1200; index++) {
      put(book, index, endpoints(2));
    }
    int full = writer.write();
    String before = nat();
    assertThat(before.lines().filter(line -> line.startsWith(":KUBE-SVC-"))).hasSize(1200);

    put(book, 700, endpoints(3));
    assertThat(writer.write()).isLessThan(full / 100);
    List<String> changed = new ArrayList<>(nat().lines().toList());
    changed.removeAll(before.lines().toList());
    assertThat(changed.stream().filter(line -> line.startsWith("-A")))
        .allMatch(line -> line.contains("many/s700"));

    for (int index = 0; index < 1200; index++) {
      book.put(key("s" + index), List.of());
    }
    writer.write();
    assertThat(nat()).doesNotContain("KUBE-SVC-", "KUBE-SEP-");
  }

  @Test
  void aNewProcessTakesOverWhatTheLastOneLeft() throws IOException, InterruptedException {
    RuleBook former = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    put(former, 1, endpoints(2));
    put(former, 2, endpoints(2));
    new IptablesWriter(node, former).write();

    RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    put(book, 2, endpoints(2));
    new IptablesWriter(node, book).write();

    assertThat(nat()).contains("many/s2").doesNotContain("many/s1");
    assertThat(nat().lines().filter(line -> line.startsWith("-A PREROUTING"))).hasSize(2);
    assertThat(filter().lines().filter(line -> line.startsWith("-A FORWARD"))).hasSize(7);
  }

  @Test
  void jumpsThatAreNotAllInTheirOrderAreMadeAnew() throws IOException, InterruptedException {
    RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    IptablesWriter writer = new IptablesWriter(node, book);
    writer.write();
    List<String> before = rules(filter());

    node.require(Command.of("iptables", "-D", "FORWARD", "1"));
    node.require(Command.of("iptables", "-I", "FORWARD", "-j", "KUBE-SERVICES"));
    node.require(Command.of("iptables", "-I", "INPUT", "-j", "ACCEPT"));
    writer.distrust();
    writer.write();
    List<String> after = rules(filter());
    assertThat(after).contains("-A INPUT -j ACCEPT");
    after.remove("-A INPUT -j ACCEPT");
    assertThat(after).containsExactlyElementsOf(before);
  }

  @Test
  void podsAreForwardedBehindAllThatOthersDrop() throws IOException, InterruptedException {
    node.require(Command.of("iptables", "-P", "FORWARD", "DROP"));
    node.require(Command.of("iptables", "-A", "FORWARD", "-s", "10.244.9.9", "-j", "DROP"));
    new IptablesWriter(node, new RuleBook("10.244.0.0/16", "10.96.0.10", "")).write();
    String filter = filter();
    assertThat(rules(filter).stream().filter(rule -> rule.startsWith("-A FORWARD")).toList())
        .endsWith(
            "-A FORWARD -s 10.244.9.9/32 -j DROP",
            "-A FORWARD -m comment --comment \"kubernetes pod traffic\" -j KUBE-POD-FORWARD");
    assertThat(filter)
        .contains("-A KUBE-POD-FORWARD -s 10.244.0.0/16 -j ACCEPT")
        .contains("-A KUBE-POD-FORWARD -d 10.244.0.0/16 -j ACCEPT");
  }

  @Test
  void flushedRulesAreNoticedAndWrittenAgain() throws IOException, InterruptedException {
    RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
    IptablesWriter writer = new IptablesWriter(node, book);
    put(book, 1, endpoints(2));
    writer.write();
    String before = nat();
    assertThat(writer.intact()).isTrue();

    node.require(Command.of("iptables", "-t", "nat", "-F"));
    assertThat(writer.intact()).isFalse();
    writer.write();
    assertThat(writer.intact()).isTrue();
    assertThat(rules(nat())).containsExactlyInAnyOrderElementsOf(rules(before));
  }

  private static List<String> rules(String saved) {
    return saved
        .lines()
        .filter(line -> line.startsWith("-A"))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static void put(RuleBook book, int index, List<Endpoint> endpoints) {
    ServicePort port =
        new ServicePort(
            new ServicePortName("many", "s" + index, ""),
            Protocol.TCP,
            "10.96." + (10 + index / 250) + "." + (1 + index % 250),
            80,
            0,
            List.of(),
            List.of(),
            List.of(),
            0,
            false,
            false);
    book.put(key("s" + index), List.of(new PortState(port, endpoints)));
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("many", name);
  }

  private static List<Endpoint> endpoints(int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int index = 1; index <= count; index++) {
      endpoints.add(new Endpoint("10.244.1." + index, 8080, index == 1, true, true, false));
    }
    return endpoints;
  }

  private static List<Endpoint> remote() {
    return List.of(new Endpoint("10.244.2.1", 8080, false, true, true, false));
  }

  private String nat() throws IOException, InterruptedException {
    return node.require(
        new Command(List.of("iptables-save", "-t", "nat"), "", Duration.ofMinutes(2)));
  }

  private String filter() throws IOException, InterruptedException {
    return node.require(Command.of("iptables-save", "-t", "filter"));
  }
}
