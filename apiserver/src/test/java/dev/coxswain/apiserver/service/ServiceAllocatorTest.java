package dev.coxswain.apiserver.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.WriteOutcome;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ServiceAllocatorTest {
  private static final ResourceType SERVICES = ResourceType.of("", "v1", "Service").build();
  private final MemoryStore store = new MemoryStore();
  private final StoredBook book = new StoredBook(store);
  private final ServiceAllocator allocator =
      new ServiceAllocator(
          book, new PortRange(30000, 30003), new ManualTime(), Randomness.seeded(1));

  @BeforeEach
  void openARange() {
    book.offer("10.96.0.0/24");
  }

  private static ObjectNode service(String spec) {
    return Json.parseObject("{\"spec\":" + spec + "}");
  }

  /** As the writer does: plans and commits until it fits. */
  private ObjectNode create(String name, String spec) {
    ObjectNode object = service(spec);
    for (int attempt = 1; attempt < 100; attempt++) {
      Companions.Plan plan = allocator.create(SERVICES, new ObjectKey("a", name), object, attempt);
      Set<String> taken = new HashSet<>();
      if (plan.writes().isEmpty()) {
        return object;
      }
      switch (store.commit(plan.writes())) {
        case WriteOutcome.Done done -> {
          return object;
        }
        case WriteOutcome.Conflict conflict -> {
          for (int i = 0; i < plan.writes().size(); i++) {
            if (conflict.at(i, plan.writes().get(i))) {
              taken.add(plan.writes().get(i).key());
            }
          }
          plan.conflict(object, taken);
        }
      }
    }
    throw new AssertionError("never stored");
  }

  @Test
  void everyServiceGetsAnAddressOfItsOwn() {
    Set<String> addresses = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      ObjectNode service = create("s" + i, "{\"type\":\"ClusterIP\",\"ports\":[{\"port\":80}]}");
      String address = Json.text(service, "spec", "clusterIP");
      assertThat(addresses.add(address)).as(address).isTrue();
      assertThat(address).startsWith("10.96.0.");
      assertThat(service.path("spec").path("clusterIPs").path(0).asString()).isEqualTo(address);
    }
  }

  @Test
  void aTakenAddressIsRefusedWithItsField() {
    create("one", "{\"clusterIP\":\"10.96.0.10\"}");
    assertThatThrownBy(() -> create("two", "{\"clusterIP\":\"10.96.0.10\"}"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("spec.clusterIPs")
        .hasMessageContaining("provided IP is already allocated");
    assertThatThrownBy(() -> create("three", "{\"clusterIP\":\"10.97.0.10\"}"))
        .hasMessageContaining("the provided network does not match the current range");
    assertThatThrownBy(() -> create("four", "{\"clusterIP\":\"10.96.0.255\"}"))
        .hasMessageContaining("is not in the valid range. The range of valid IPs is 10.96.0.0/24");
  }

  @Test
  void headlessAndExternalServicesHoldNothing() {
    ObjectNode headless = create("headless", "{\"clusterIP\":\"None\"}");
    assertThat(Json.text(headless, "spec", "clusterIP")).isEqualTo("None");
    ObjectNode external = create("external", "{\"type\":\"ExternalName\",\"externalName\":\"x\"}");
    assertThat(external.path("spec").has("clusterIP")).isFalse();
    assertThat(book.addresses()).isEmpty();
  }

  @Test
  void anAddressIsAnObjectOfItsOwn() {
    ObjectNode service = create("one", "{\"clusterIP\":\"10.96.0.10\"}");
    ObjectNode held = Json.parseObject(book.stored("10.96.0.10").orElseThrow().bytes());
    assertThat(Json.text(held, "metadata", "name")).isEqualTo("10.96.0.10");
    assertThat(Json.at(held, "metadata", "labels"))
        .isEqualTo(
            Json.parseObject(
                "{\"ipaddress.kubernetes.io/ip-family\":\"IPv4\","
                    + "\"ipaddress.kubernetes.io/managed-by\":\"ipallocator\"}"));
    assertThat(Json.at(held, "spec", "parentRef"))
        .isEqualTo(
            Json.parseObject("{\"resource\":\"services\",\"namespace\":\"a\",\"name\":\"one\"}"));
    // Another's is not given back with the Service.
    assertThat(allocator.delete(SERVICES, new ObjectKey("b", "one"), service).writes()).isEmpty();
    store.commit(allocator.delete(SERVICES, new ObjectKey("a", "one"), service).writes());
    assertThat(book.addresses()).isEmpty();
  }

  @Test
  void aSmallRangeIsUsedUpAndWidened() {
    book.withdraw("10.96.0.0/24");
    book.offer("10.97.0.0/29");
    Set<String> addresses = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      addresses.add(Json.text(create("s" + i, "{}"), "spec", "clusterIP"));
    }
    assertThat(addresses).hasSize(6);
    assertThatThrownBy(() -> create("more", "{}"))
        .hasMessageContaining("failed to allocate a serviceIP: range is full");
    book.offer("10.98.0.0/30");
    assertThat(Json.text(create("more", "{}"), "spec", "clusterIP")).startsWith("10.98.0.");
  }

  @Test
  void nothingIsGivenOutOfARangeWhoseDeletionTheServerHasNotSeen() {
    book.hold();
    book.withdraw("10.96.0.0/24");
    book.offer("10.98.0.0/24");
    assertThat(Json.text(create("any", "{}"), "spec", "clusterIP")).startsWith("10.98.0.");
    book.hold();
    book.withdraw("10.98.0.0/24");
    assertThatThrownBy(() -> create("one", "{\"clusterIP\":\"10.98.0.10\"}"))
        .hasMessageContaining("the provided network does not match the current range");
  }

  @Test
  void whatAnotherServerTookMeanwhileIsSeenAtTheNextAttempt() {
    book.withdraw("10.96.0.0/24");
    book.offer("10.97.0.0/30");
    create("one", "{\"clusterIP\":\"10.97.0.1\"}");
    book.hold();
    store.commit(
        List.of(
            new StoreWrite.Put(
                AddressObject.key("10.97.0.2"), StoreWrite.ABSENT, new byte[] {'{', '}'}, 0)));
    assertThatThrownBy(() -> create("two", "{}")).hasMessageContaining("range is full");
  }

  @Test
  void nodePortsAreGivenOutAndComeBack() {
    Set<Integer> ports = new HashSet<>();
    ObjectNode last = Json.object();
    for (int i = 0; i < 4; i++) {
      last = create("n" + i, "{\"type\":\"NodePort\",\"ports\":[{\"port\":80}]}");
      ports.add(last.path("spec").path("ports").path(0).path("nodePort").asInt());
    }
    assertThat(ports).containsExactlyInAnyOrder(30000, 30001, 30002, 30003);
    int freed = last.path("spec").path("ports").path(0).path("nodePort").asInt();
    store.commit(allocator.delete(SERVICES, new ObjectKey("a", "n3"), last).writes());
    ObjectNode next = create("again", "{\"type\":\"NodePort\",\"ports\":[{\"port\":80}]}");
    assertThat(next.path("spec").path("ports").path(0).path("nodePort").asInt()).isEqualTo(freed);
  }

  @Test
  void aBalancedServiceThatStaysOnItsNodesGetsAPortForItsHealthAndKeepsIt() {
    String local =
        """
        {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}]}
        """;
    ObjectNode old = create("s", local);
    int given = old.at("/spec/healthCheckNodePort").asInt();
    assertThat(given)
        .isBetween(30000, 30003)
        .isNotEqualTo(old.at("/spec/ports/0/nodePort").asInt());
    assertThatThrownBy(() ->
            create(
                "t", local.replace("{\"type", "{\"healthCheckNodePort\": " + given + ", \"type")))
        .hasMessageContaining("spec.healthCheckNodePort")
        .hasMessageContaining("provided port is already allocated");

    ObjectNode silent = old.deepCopy();
    Json.ensureObject(silent, "spec").remove("healthCheckNodePort");
    assertThat(allocator.update(SERVICES, new ObjectKey("a", "s"), silent, old, 1).writes())
        .isEmpty();
    assertThat(silent.at("/spec/healthCheckNodePort").asInt()).isEqualTo(given);

    ObjectNode anywhere = old.deepCopy();
    Json.ensureObject(anywhere, "spec")
        .put("externalTrafficPolicy", "Cluster")
        .remove("healthCheckNodePort");
    assertThat(allocator.update(SERVICES, new ObjectKey("a", "s"), anywhere, old, 1).writes())
        .containsExactly(
            new StoreWrite.Delete("/coxswain/services/ports/TCP/" + given, StoreWrite.ANY));
  }

  @Test
  void aServiceThatStopsToBeANodePortGivesItsPortBack() {
    ObjectNode old = create("s", "{\"type\":\"NodePort\",\"ports\":[{\"port\":80}]}");
    ObjectNode changed = old.deepCopy();
    Json.ensureObject(changed, "spec").put("type", "ClusterIP");
    Companions.Plan plan = allocator.update(SERVICES, new ObjectKey("a", "s"), changed, old, 1);
    assertThat(plan.writes()).hasSize(1).first().isInstanceOf(StoreWrite.Delete.class);
    assertThat(changed.path("spec").path("ports").path(0).has("nodePort")).isFalse();
    assertThat(Json.text(changed, "spec", "clusterIP"))
        .isEqualTo(Json.text(old, "spec", "clusterIP"));
  }

  @Test
  void aPortKeepsItsNodesByItsName() {
    ObjectNode old =
        create(
            "s",
            "{\"type\":\"NodePort\",\"ports\":[{\"name\":\"a\",\"port\":80},"
                + "{\"name\":\"b\",\"port\":81}]}");
    ObjectNode changed =
        service(
            "{\"type\":\"NodePort\",\"ports\":[{\"name\":\"b\",\"port\":80},"
                + "{\"name\":\"a\",\"port\":8080}]}");
    allocator.update(SERVICES, new ObjectKey("a", "s"), changed, old, 1);
    assertThat(changed.at("/spec/ports/0/nodePort")).isEqualTo(old.at("/spec/ports/1/nodePort"));
    assertThat(changed.at("/spec/ports/1/nodePort")).isEqualTo(old.at("/spec/ports/0/nodePort"));
  }

  @Test
  void aPortOfTwoProtocolsIsOneOnTheNodes() {
    String both =
        "{\"type\":\"NodePort\",\"ports\":[{\"name\":\"t\",\"port\":53,\"protocol\":\"TCP\"},"
            + "{\"name\":\"u\",\"port\":53,\"protocol\":\"UDP\"%s}]}";
    ObjectNode dns = create("dns", both.formatted(""));
    assertThat(dns.at("/spec/ports/0/nodePort")).isEqualTo(dns.at("/spec/ports/1/nodePort"));
    int free = dns.at("/spec/ports/0/nodePort").asInt() == 30001 ? 30002 : 30001;
    ObjectNode asked = create("asked", both.formatted(",\"nodePort\":" + free));
    assertThat(asked.at("/spec/ports/0/nodePort").asInt()).isEqualTo(free);
    // Where another has it, it gets one of its own in the end.
    int last = IntStream.of(30000, 30003).filter(port -> !taken(port)).findFirst().orElseThrow();
    store.commit(
        List.of(
            new StoreWrite.Put(
                "/coxswain/services/ports/TCP/" + last, StoreWrite.ABSENT, new byte[] {'x'}, 0)));
    ObjectNode apart = create("apart", both.formatted(",\"nodePort\":" + last));
    assertThat(apart.at("/spec/ports/1/nodePort").asInt()).isEqualTo(last);
    assertThat(apart.at("/spec/ports/0/nodePort").asInt()).isNotEqualTo(last);
  }

  private boolean taken(int port) {
    return store.get("/coxswain/services/ports/TCP/" + port).isPresent();
  }

  @Test
  void moreNodePortsThanThereAreAreRefused() {
    String ports =
        IntStream.range(0, 5)
            .mapToObj(i -> "{\"name\":\"p" + i + "\",\"port\":" + (80 + i) + "}")
            .collect(Collectors.joining(","));
    assertThatThrownBy(() -> create("many", "{\"type\":\"NodePort\",\"ports\":[" + ports + "]}"))
        .hasMessageContaining("failed to allocate a nodePort: range is full");
  }
}
