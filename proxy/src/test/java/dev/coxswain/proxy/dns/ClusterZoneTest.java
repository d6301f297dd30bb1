package dev.coxswain.proxy.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterZoneTest {
  private final Cluster cluster =
      new Cluster()
          .service("default", "kubernetes", "10.96.0.1")
          .service("shop", "web", "10.96.0.20")
          .service("shop", "till", "10.96.0.21")
          .endpoint("shop", "till", "10.244.1.5", "till-0", true)
          .service("shop", "db", "None")
          .endpoint("shop", "db", "10.244.1.2", "db-0", true)
          .endpoint("shop", "db", "10.244.2.3", null, true)
          .endpoint("shop", "db", "10.244.3.4", "db-2", false)
          .service("shop", "empty", "None")
          .service("shop", "waiting", "None")
          .endpoint("shop", "waiting", "10.244.1.9", "waiting-0", false)
          .externalName("shop", "bank", "bank.example.com.")
          .externalName("shop", "branch", "bank.shop.svc.cluster.local.")
          .externalName("shop", "long", "a".repeat(64) + ".example.com")
          .externalName("shop", "front", "web.shop.svc.cluster.local")
          .externalName("shop", "loop", "loop.shop.svc.cluster.local")
          .ready();

  @Test
  void aServiceHasItsClusterAddress() {
    assertThat(answers("kubernetes.default.svc.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.A("kubernetes.default.svc.cluster.local", "10.96.0.1"));
  }

  @Test
  void namesAreComparedWithoutCaseAndAnsweredAsAsked() {
    assertThat(answers("Web.SHOP.svc.Cluster.Local", RecordType.A))
        .containsExactly(new DnsRecord.A("Web.SHOP.svc.Cluster.Local", "10.96.0.20"));
  }

  @Test
  void theOtherAddressFamilyIsAnEmptyYesNotANo() {
    DnsAnswer answer = ask("web.shop.svc.cluster.local", RecordType.AAAA);
    assertThat(answer.code()).isEqualTo(ResponseCode.NO_ERROR);
    assertThat(answer.answers()).isEmpty();
    assertThat(answer.authority()).hasOnlyElementsOfType(DnsRecord.Soa.class).hasSize(1);
  }

  @Test
  void whatIsNotThereIsANoWithTheZonesAuthority() {
    for (String name :
        List.of(
            "nobody.shop.svc.cluster.local",
            "web.nowhere.svc.cluster.local",
            "nowhere.svc.cluster.local",
            "google.com.cluster.local",
            "google.com.shop.svc.cluster.local",
            "x.web.shop.svc.cluster.local",
            "db-2.db.shop.svc.cluster.local",
            "10-244-999-1.shop.pod.cluster.local")) {
      DnsAnswer answer = ask(name, RecordType.A);
      assertThat(answer.code()).as(name).isEqualTo(ResponseCode.NAME_ERROR);
      assertThat(answer.authority()).as(name).hasSize(1);
    }
  }

  @Test
  void namesBetweenTheRootAndAServiceExistWithoutData() {
    for (String name : List.of("cluster.local", "svc.cluster.local", "shop.svc.cluster.local")) {
      DnsAnswer answer = ask(name, RecordType.A);
      assertThat(answer.code()).as(name).isEqualTo(ResponseCode.NO_ERROR);
      assertThat(answer.answers()).as(name).isEmpty();
    }
  }

  @Test
  void aHeadlessServiceHasItsReadyPods() {
    String name = "db.shop.svc.cluster.local";
    assertThat(answers(name, RecordType.A))
        .containsExactlyInAnyOrder(
            new DnsRecord.A(name, "10.244.1.2"), new DnsRecord.A(name, "10.244.2.3"));
  }

  @Test
  void everyPodOfAHeadlessServiceComesFirstInTurn() {
    assertThat(
            List.of(
                answers("db.shop.svc.cluster.local", RecordType.A).getFirst(),
                answers("db.shop.svc.cluster.local", RecordType.A).getFirst()))
        .doesNotHaveDuplicates();
  }

  @Test
  void aHeadlessServiceWithoutReadyPodsHasNoName() {
    for (int type : List.of(RecordType.A, RecordType.AAAA, RecordType.SRV)) {
      for (String name : List.of("empty", "waiting", "_http._tcp.empty", "_http._tcp.waiting")) {
        assertThat(ask(name + ".shop.svc.cluster.local", type).code())
            .as("%s %s", name, type)
            .isEqualTo(ResponseCode.NAME_ERROR);
      }
    }
    assertThat(ask("db.shop.svc.cluster.local", RecordType.AAAA).code())
        .isEqualTo(ResponseCode.NO_ERROR);
  }

  @Test
  void podsOfAHeadlessServiceHaveNames() {
    assertThat(answers("db-0.db.shop.svc.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.A("db-0.db.shop.svc.cluster.local", "10.244.1.2"));
    assertThat(answers("10-244-2-3.db.shop.svc.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.A("10-244-2-3.db.shop.svc.cluster.local", "10.244.2.3"));
  }

  @Test
  void podsOfAServiceWithAnAddressHaveNamesToo() {
    assertThat(answers("till-0.till.shop.svc.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.A("till-0.till.shop.svc.cluster.local", "10.244.1.5"));
    assertThat(ask("till-1.till.shop.svc.cluster.local", RecordType.A).code())
        .isEqualTo(ResponseCode.NAME_ERROR);
  }

  @Test
  void aNamedPortIsLocated() {
    String name = "_http._tcp.web.shop.svc.cluster.local";
    DnsAnswer answer = ask(name, RecordType.SRV);
    assertThat(answer.answers())
        .containsExactly(new DnsRecord.Srv(name, 0, 100, 80, "web.shop.svc.cluster.local"));
    assertThat(answer.additional())
        .containsExactly(new DnsRecord.A("web.shop.svc.cluster.local", "10.96.0.20"));
    assertThat(ask("_http._udp.web.shop.svc.cluster.local", RecordType.SRV).code())
        .isEqualTo(ResponseCode.NAME_ERROR);
  }

  @Test
  void aNamedPortOfAHeadlessServiceIsLocatedAtEachPod() {
    String name = "_http._tcp.db.shop.svc.cluster.local";
    assertThat(answers(name, RecordType.SRV))
        .containsExactlyInAnyOrder(
            new DnsRecord.Srv(name, 0, 100, 8080, "db-0.db.shop.svc.cluster.local"),
            new DnsRecord.Srv(name, 0, 100, 8080, "10-244-2-3.db.shop.svc.cluster.local"));
  }

  @Test
  void anExternalNameIsAnAlias() {
    assertThat(answers("bank.shop.svc.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.Cname("bank.shop.svc.cluster.local", "bank.example.com"));
  }

  @Test
  void anAliasWithinTheZoneIsFollowed() {
    assertThat(answers("front.shop.svc.cluster.local", RecordType.A))
        .containsExactly(
            new DnsRecord.Cname("front.shop.svc.cluster.local", "web.shop.svc.cluster.local"),
            new DnsRecord.A("web.shop.svc.cluster.local", "10.96.0.20"));
  }

  @Test
  void whereAnAliasLeavesTheZoneSomebodyElseHasToGoOn() {
    assertThat(continued("bank.shop.svc.cluster.local", RecordType.A)).contains("bank.example.com");
    assertThat(continued("branch.shop.svc.cluster.local", RecordType.AAAA))
        .contains("bank.example.com");
    assertThat(continued("bank.shop.svc.cluster.local", RecordType.CNAME)).isEmpty();
    assertThat(continued("front.shop.svc.cluster.local", RecordType.A)).isEmpty();
    assertThat(continued("loop.shop.svc.cluster.local", RecordType.A)).isEmpty();
  }

  @Test
  void anAliasThatNoMessageCanHoldIsNone() {
    assertThat(answers("long.shop.svc.cluster.local", RecordType.A)).isEmpty();
  }

  private Optional<String> continued(String name, int type) {
    return cluster.zone.continued(query(name, type), ask(name, type));
  }

  @Test
  void anAliasOfItselfEnds() {
    assertThat(answers("loop.shop.svc.cluster.local", RecordType.A)).hasSizeLessThan(20);
  }

  @Test
  void addressesHaveNames() {
    assertThat(answers("20.0.96.10.in-addr.arpa", RecordType.PTR))
        .containsExactly(
            new DnsRecord.Ptr("20.0.96.10.in-addr.arpa", "web.shop.svc.cluster.local"));
    assertThat(answers("2.1.244.10.in-addr.arpa", RecordType.PTR))
        .containsExactly(
            new DnsRecord.Ptr("2.1.244.10.in-addr.arpa", "db-0.db.shop.svc.cluster.local"));
    assertThat(maybe("8.8.8.8.in-addr.arpa", RecordType.PTR)).isEmpty();
  }

  @Test
  void aPodsNameSpellsItsAddress() {
    assertThat(answers("10-244-1-7.shop.pod.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.A("10-244-1-7.shop.pod.cluster.local", "10.244.1.7"));
  }

  @Test
  void theZoneDescribesItself() {
    assertThat(answers("cluster.local", RecordType.SOA)).hasSize(1);
    assertThat(answers("cluster.local", RecordType.NS))
        .containsExactly(new DnsRecord.Ns("cluster.local", "ns.dns.cluster.local"));
    assertThat(answers("ns.dns.cluster.local", RecordType.A))
        .containsExactly(new DnsRecord.A("ns.dns.cluster.local", "10.96.0.10"));
    assertThat(answers("dns-version.cluster.local", RecordType.TXT))
        .containsExactly(new DnsRecord.Txt("dns-version.cluster.local", "1.1.0"));
  }

  @Test
  void otherNamesAreNotTheZones() {
    assertThat(maybe("example.com", RecordType.A)).isEmpty();
    assertThat(maybe("notcluster.local", RecordType.A)).isEmpty();
  }

  private List<DnsRecord> answers(String name, int type) {
    return ask(name, type).answers();
  }

  private DnsAnswer ask(String name, int type) {
    return maybe(name, type).orElseThrow();
  }

  private Optional<DnsAnswer> maybe(String name, int type) {
    return cluster.zone.answer(query(name, type));
  }

  private static DnsQuery query(String name, int type) {
    return new DnsQuery(1, 0, true, name, type, DnsQuery.INTERNET, false, 0, 512);
  }
}
