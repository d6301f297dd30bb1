package dev.coxswain.store.storm;

import static dev.coxswain.store.storm.Etcdctl.awaitStarted;
import static dev.coxswain.store.storm.Etcdctl.awaitWrites;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coxswain.store.StoreCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/**
 * Debian's etcdctls against real processes: what operators type must work, and look, as with etcd.
 */
@ParameterizedClass
@EnumSource(Etcdctl.class)
final class StockToolsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path directory;
  private final List<MemberProcess> processes = new ArrayList<>();

  private final Etcdctl etcdctl;

  StockToolsTest(Etcdctl etcdctl) {
    this.etcdctl = etcdctl;
  }

  @BeforeEach
  void findTool() {
    assumeTrue(etcdctl.present(), () -> "there is no " + etcdctl.program());
  }

  @AfterEach
  void stopAll() {
    processes.forEach(MemberProcess::kill);
  }

  @Test
  void everyCommandOfOneMember() throws Exception {
    Host one = Host.named("one");
    start(one, one.name(), List.of());
    awaitWrites(one);

    assertThat(ctl(one, "put", "a", "1").ok()).isEqualTo("OK\n");
    long put =
        Long.parseLong(first("\"mod_revision\":(\\d+)", ctl(one, "get", "a", "-w", "json").ok()));
    assertThat(ctl(one, "put", "a", "2", "--prev-kv").ok()).isEqualTo("OK\na\n1\n");
    assertThat(ctl(one, "get", "a", "--rev=" + put).ok()).isEqualTo("a\n1\n");
    assertThat(ctl(one, "get", "", "--prefix", "--keys-only", "--limit=1").ok()).startsWith("a\n");
    assertThat(ctl(one, "del", "a").ok()).isEqualTo("1\n");
    assertThat(
            script(one, "printf 'version(\"b\") = \"0\"\\n\\nput b new\\n\\nget b\\n\\n'", "txn"))
        .contains("SUCCESS")
        .contains("OK");
    String granted = ctl(one, "lease", "grant", "300").ok();
    String lease = first("lease (\\S+) granted with TTL\\(300s\\)", granted);
    ctl(one, "put", "leased", "x", "--lease=" + lease).ok();
    assertThat(ctl(one, "lease", "timetolive", lease, "--keys").ok())
        .contains("granted with TTL(300s)")
        .contains("attached keys([leased])");
    assertThat(ctl(one, "lease", "list").ok()).contains(lease);
    assertThat(ctl(one, "lease", "keep-alive", "--once", lease).ok()).contains("TTL(300)");
    assertThat(ctl(one, "lease", "revoke", lease).ok()).contains("revoked");
    String second = Long.toString(put + 1);
    assertThat(ctl(one, "compaction", second).ok())
        .isEqualTo("compacted revision " + second + "\n");
    assertThat(ctl(one, "get", "a", "--rev=" + put).refused())
        .contains("etcdserver: mvcc: required revision has been compacted");

    assertThat(ctl(one, "endpoint", "health").ok()).contains("is healthy");
    assertThat(ctl(one, "endpoint", "health", "--cluster", "-w", "table").ok())
        .containsPattern("\\| +ENDPOINT +\\| HEALTH \\| +TOOK +\\| ERROR \\|")
        .containsPattern(Pattern.quote(one.clientUrl()) + " \\| +true \\|");
    assertThat(ctl(one, "endpoint", "status", "-w", "table").ok())
        .contains("| IS LEADER | IS LEARNER | RAFT TERM | RAFT INDEX | RAFT APPLIED INDEX |")
        .containsPattern(Pattern.quote(one.clientUrl()) + " \\|.*\\| +true \\| +false \\|");
    assertThat(ctl(one, "endpoint", "hashkv").ok()).startsWith(one.clientUrl() + ", ");
    assertThat(ctl(one, "member", "list", "-w", "table").ok())
        .containsPattern("\\| +ID +\\| +STATUS +\\| +NAME +\\| +PEER ADDRS +\\|")
        .containsPattern("\\| started \\| +one \\| " + Pattern.quote(one.peerUrl()));
    assertThat(ctl(one, "defrag").ok()).contains("Finished defragmenting etcd member");
    assertThat(ctl(one, "alarm", "list").ok()).isEmpty();
    assertThat(ctl(one, "alarm", "disarm").ok()).isEmpty();
    assertThat(ctl(one, "member", "remove", "1").refused())
        .contains("etcdserver: member not found");
  }

  @Test
  void whoHasAPasswordComesInWithoutAndNobodyMakesUsers() throws Exception {
    Host one = Host.named("one");
    start(one, one.name(), List.of());
    awaitWrites(one);
    // Before that etcdctl may warn that there are no users, as it does of an etcd.
    assertThat(ctl(one, "--user=root:secret", "put", "a", "1").ok()).endsWith("OK\n");
    assertThat(ctl(one, "--user=root:secret", "get", "a").ok()).endsWith("a\n1\n");
    assertThat(ctl(one, "--user=root:secret", "endpoint", "health").ok()).contains("is healthy");
    if (etcdctl == Etcdctl.NEWEST) {
      // That of 3.4 does not know the question.
      assertThat(ctl(one, "auth", "status").ok())
          .isEqualTo("Authentication Status: false\nAuthRevision: 1\n");
    }
    assertThat(ctl(one, "auth", "disable").ok()).isEqualTo("Authentication Disabled\n");
    for (List<String> wish : List.of(List.of("auth", "enable"), List.of("user", "list"))) {
      assertThat(ctl(one, wish.toArray(String[]::new)).refused())
          .contains("etcdserver: authentication is not available in this store");
    }
  }

  @Test
  void aSnapshotTakenByEtcdctlFoundsANewClusterThatRefusesTheOld() throws Exception {
    Host one = Host.named("one");
    start(one, one.name(), List.of());
    awaitWrites(one);
    for (int i = 0; i < 50; i++) {
      ctl(one, "put", "key-" + i % 7, "value-" + i).ok();
    }
    ctl(one, "del", "probe").ok();
    String before = ctl(one, "get", "", "--prefix").ok();
    Path file = directory.resolve("snapshot.db");
    ctl(one, "snapshot", "save", file.toString()).ok();
    Path own = directory.resolve("own.db");
    assertThat(cox("snapshot", "save", own.toString(), "--endpoints=" + one.clientUrl()).ok())
        .contains("Snapshot saved at " + own);
    for (Path each : List.of(file, own)) {
      assertThat(cox("snapshot", "status", each.toString(), "-w", "table").ok())
          .isEqualTo(ctl(one, "snapshot", "status", each.toString(), "-w", "table").ok());
    }
    ctl(one, "put", "after", "x").ok();

    List<Host> hosts = List.of(Host.named("r0"), Host.named("r1"), Host.named("r2"));
    String cluster = hosts.stream().map(Host::founder).collect(Collectors.joining(","));
    for (Host host : hosts) {
      cox(
              "snapshot",
              "restore",
              file.toString(),
              "--name=" + host.name(),
              "--initial-cluster=" + cluster,
              "--initial-advertise-peer-urls=" + host.peerUrl(),
              "--data-dir=" + data(host, host.name()))
          .ok();
    }
    assertThat(
            cox(
                    "snapshot",
                    "restore",
                    file.toString(),
                    "--name=r0",
                    "--initial-cluster=" + cluster,
                    "--initial-advertise-peer-urls=" + hosts.getFirst().peerUrl(),
                    "--data-dir=" + data(hosts.getFirst(), "r0"))
                .refused())
        .contains("not empty");
    for (Host host : hosts) {
      start(host, host.name(), List.of("--initial-cluster=" + cluster));
    }
    awaitWrites(hosts.getFirst());
    ctl(hosts.getFirst(), "del", "probe").ok();
    assertThat(ctl(hosts.get(2), "get", "", "--prefix").ok()).isEqualTo(before);
    assertThat(ctl(hosts.get(1), "member", "list").ok()).doesNotContain(one.peerUrl());
    assertThat(first("\"cluster_id\":(\\d+)", ctl(one, "get", "a", "-w", "json").ok()))
        .isNotEqualTo(
            first("\"cluster_id\":(\\d+)", ctl(hosts.get(1), "get", "a", "-w", "json").ok()));
  }

  @Test
  void membersComeAndGoWhileWritesFlow() throws Exception {
    Host one = Host.named("m1");
    Host two = Host.named("m2");
    Host three = Host.named("m3");
    MemberProcess firstProcess = start(one, "m1", List.of());
    awaitWrites(one);

    assertThat(ctl(one, "member", "add", "m2", "--peer-urls=" + two.peerUrl()).ok())
        .contains("ETCD_INITIAL_CLUSTER_STATE=\"existing\"");
    assertThat(ctl(one, "member", "add", "m3", "--peer-urls=" + three.peerUrl()).refused())
        .contains("etcdserver: re-configuration failed due to not enough started members");
    assertThat(ctl(one, "member", "list").ok()).contains("unstarted");
    ctl(one, "put", "while", "adding").ok();
    join(two, "m2", one);
    awaitStarted(one, 2);

    Awaitility.await("a healthy cluster").atMost(PATIENCE).until(() -> add(one, three).code() == 0);
    join(three, "m3", one);
    awaitStarted(one, 3);
    String learner = identity(one, "m3");
    assertThat(ctl(three, "get", "while").refused())
        .contains("etcdserver: rpc not supported for learner");
    assertThat(ctl(three, "get", "while", "--consistency=s").ok()).contains("adding");
    assertThat(page(three, "/readyz")).contains("[-]non_learner failed: not supported for learner");
    assertThat(page(three, "/metrics")).contains("\netcd_server_is_learner 1\n");
    assertThat(ctl(one, "move-leader", learner).refused())
        .contains("etcdserver: bad leader transferee");
    Awaitility.await("the learner to have caught up")
        .atMost(PATIENCE)
        .until(() -> ctl(one, "member", "promote", learner).code() == 0);
    assertThat(ctl(one, "member", "promote", learner).refused())
        .contains("etcdserver: can only promote a learner member");
    ctl(three, "put", "by", "the promoted").ok();
    assertThat(page(three, "/readyz")).isEqualTo("ok\n");
    assertThat(page(three, "/metrics"))
        .contains("\netcd_server_is_learner 0\n")
        .contains("\netcd_server_id{server_id=\"" + learner + "\"} 1\n");

    ctl(one, "move-leader", identity(one, "m2")).ok();
    awaitWrites(one);
    ctl(two, "member", "remove", identity(two, "m2")).ok();
    ctl(one, "put", "after", "removal").ok();
    MemberProcess removed = processes.get(1);
    Awaitility.await("the removed member to stop").atMost(PATIENCE).until(() -> !removed.alive());
    assertThat(Files.readString(log("m2")))
        .contains("the member has been permanently removed from the cluster");
    removed.start();
    Awaitility.await("it to refuse to start").atMost(PATIENCE).until(() -> !removed.alive());
    assertThat(ctl(one, "member", "list").ok()).doesNotContain("m2");

    // Without its quorum a member still answers what may be stale, and says why it cannot write.
    firstProcess.kill();
    Awaitility.await("the loss to be noticed")
        .atMost(PATIENCE)
        .until(() -> ctl(three, "endpoint", "status", "-w", "json").output().contains("no leader"));
    assertThat(ctl(three, "get", "after", "--consistency=s").ok()).contains("removal");
    assertThat(ctl(three, "put", "in", "vain").refused()).contains("etcdserver: no leader");
    firstProcess.start();
    awaitWrites(three);
  }

  @Test
  void whatSurvivesALostQuorumBecomesANewCluster() throws Exception {
    List<Host> hosts = List.of(Host.named("a"), Host.named("b"), Host.named("c"));
    List<String> founders =
        List.of(
            "--initial-cluster="
                + hosts.stream().map(Host::founder).collect(Collectors.joining(",")),
            "--snapshot-count=16");
    for (Host host : hosts) {
      start(host, host.name(), founders);
    }
    Host survivor = hosts.getFirst();
    awaitWrites(survivor);
    processes.get(2).kill();
    // It may have led: on a busy machine a write is refused before there is another leader.
    awaitWrites(survivor);
    for (int i = 0; i < 60; i++) {
      ctl(survivor, "put", "key-" + i % 9, "value-" + i).ok();
    }
    ctl(survivor, "compaction", "30").ok();
    String before = ctl(survivor, "get", "", "--prefix").ok();
    String lost = data(survivor, "a").toString();
    assertThat(cox("recover", "--survivor=" + lost, "--yes").refused()).contains("is in use");
    processes.forEach(MemberProcess::kill);

    Host fresh = Host.named("fresh");
    Etcdctl.Result recovered =
        cox(
            "recover",
            "--survivor=" + data(hosts.get(2), "c"),
            "--survivor=" + lost,
            "--name=fresh",
            "--initial-advertise-peer-urls=" + fresh.peerUrl(),
            "--data-dir=" + data(fresh, "fresh"),
            "--yes");
    assertThat(recovered.ok()).contains("COMMITTED AT LEAST").contains("furthest on: " + lost);
    start(fresh, "fresh", List.of());
    awaitWrites(fresh);
    assertThat(ctl(fresh, "get", "", "--prefix").ok()).isEqualTo(before);
    assertThat(ctl(fresh, "get", "key-0", "--rev=29").refused()).contains("has been compacted");
    assertThat(ctl(fresh, "member", "list").ok().lines()).hasSize(1);
  }

  private Etcdctl.Result add(Host asked, Host learner) {
    return ctl(
        asked, "member", "add", learner.name(), "--learner", "--peer-urls=" + learner.peerUrl());
  }

  private MemberProcess join(Host host, String data, Host known) {
    return start(
        host,
        data,
        List.of(
            "--initial-cluster=" + known.founder() + "," + host.founder(),
            "--initial-cluster-state=existing"));
  }

  private MemberProcess start(Host host, String data, List<String> more) {
    List<String> arguments = new ArrayList<>(host.flags(data(host, data)));
    arguments.addAll(more);
    MemberProcess process = new MemberProcess(List.of(), arguments, log(host.name()));
    processes.add(process);
    process.start();
    return process;
  }

  private Path data(Host host, String name) {
    return directory.resolve("data-" + host.name() + "-" + name);
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  private Etcdctl.Result ctl(Host host, String... arguments) {
    return etcdctl.run(host, arguments);
  }

  private String identity(Host asked, String name) {
    return first("(\\S+), started, " + name + ",", ctl(asked, "member", "list").ok());
  }

  private static String first(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return matcher.group(1);
  }

  private static String page(Host host, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(host.clientUrl() + path)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static Etcdctl.Result cox(String... arguments) {
    StringWriter output = new StringWriter();
    int code =
        new CommandLine(new StoreCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(output))
            .setErr(new PrintWriter(output))
            .execute(arguments);
    return new Etcdctl.Result(code, output.toString());
  }

  private String script(Host host, String input, String command) {
    return Shell.run(
        "%s | ETCDCTL_API=3 %s --endpoints=%s %s"
            .formatted(input, etcdctl.program(), host.clientUrl(), command));
  }
}
