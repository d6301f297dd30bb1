package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Services, whoever writes down what is behind them, and what of it a client reaches. */
@ExtendWith(SharedCluster.class)
final class ServiceEndToEndTest {
  private static final String NAMESPACE = "services";
  private static final String CORE = "/api/v1/namespaces/" + NAMESPACE + "/";
  private static final String SLICES =
      "/apis/discovery.k8s.io/v1/namespaces/" + NAMESPACE + "/endpointslices";

  private static final YAMLMapper YAML = new YAMLMapper();

  /** Answers every request with what it was. */
  private static final String ECHO =
      """
      read -r method path version
      while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
      body="{\\"method\\":\\"$method\\",\\"path\\":\\"$path\\"}"
      [ $method = HEAD ] && shown= || shown=$body
      printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' ${#body} "$shown"
      """;

  /** The image's tools speak no UDP; the machine's Perl, which every Debian has, does. */
  private static final String UDP_SERVER =
      "$s = IO::Socket::INET->new(Proto => \"udp\", LocalPort => 8080) or die;"
          + " while ($s->recv($asked, 99)) { $s->send(\"echo\") }";

  private static final String UDP_CLIENT =
      "$s = IO::Socket::INET->new(Proto => \"udp\", PeerAddr => \"ADDRESS:80\") or die; $SIG{ALRM}"
          + " = sub { exit 1 }; alarm 2; $s->send(\"x\"); $s->recv($told, 9); print $told";

  private static RawApi api;
  private static Cluster cluster;
  private static String node;

  @BeforeAll
  static void begin(Cluster shared) {
    cluster = shared;
    api = new RawApi(cluster);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.create(cluster, NAMESPACE);
    node = cluster.nodes().getFirst();
    pod(
        "one",
        "{app: both, one: here}",
        "[{name: web, containerPort: 8081}]",
        "PORT=8081 exec demo");
    pod("two", "{app: both}", "[{name: web, containerPort: 8082}]", "PORT=8082 exec demo");
    pod(
        "echo",
        "{app: echo}",
        "[{name: web, containerPort: 8080}]",
        "printf '%s' '"
            + ECHO.replace("'", "'\\''")
            + "' > /tmp/echo; chroot /host perl -MIO::Socket::INET -e '"
            + UDP_SERVER
            + "' & exec nc -ll -p 8080 -e sh /tmp/echo");
    pod("asker", "{app: asker}", "[]", "while :; do sleep 1; done");
    Visitors.awaitReady(cluster, NAMESPACE);
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "--for=condition=Ready", "pod", "--all", Cluster.PATIENTLY);
  }

  @AfterAll
  static void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private static void pod(String name, String labels, String ports, String script) {
    ObjectNode pod =
        (ObjectNode)
            YAML.readTree(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: %s}
                spec:
                  terminationGracePeriodSeconds: 0
                  volumes: [{name: host, hostPath: {path: /}}]
                  containers:
                    - name: main
                      image: coxswain/demo:1
                      ports: %s
                      volumeMounts: [{name: host, mountPath: /host}]
                """
                    .formatted(name, labels, ports));
    ObjectNode container = (ObjectNode) pod.at("/spec/containers/0");
    container.putArray("command").add("sh").add("-c").add(script);
    if (!ports.equals("[]")) {
      container.set(
          "startupProbe",
          YAML.readTree("{tcpSocket: {port: web}, periodSeconds: 1, failureThreshold: 180}"));
    }
    api.create(CORE + "pods", pod.toString());
  }

  private static JsonNode service(String name, String spec) {
    return api.create(
        CORE + "services",
        "{apiVersion: v1, kind: Service, metadata: {name: " + name + "}, spec: " + spec + "}");
  }

  private static String address(String pod) {
    return api.get(CORE + "pods/" + pod).at("/status/podIP").asString();
  }

  private static List<JsonNode> slices(String service) {
    return Cluster.stream(
            api.get(SLICES + "?labelSelector=kubernetes.io/service-name=" + service).path("items"))
        .toList();
  }

  /** Every address with every port of the slices. */
  private static Set<String> inSlices(String service) {
    Set<String> found = new TreeSet<>();
    for (JsonNode slice : slices(service)) {
      for (JsonNode port : slice.path("ports")) {
        slice
            .path("endpoints")
            .forEach(endpoint ->
                endpoint
                    .path("addresses")
                    .forEach(a -> found.add(a.asString() + ":" + port.path("port").asInt())));
      }
    }
    return found;
  }

  /** Every address with every port of the Endpoints. */
  private static Set<String> inEndpoints(JsonNode endpoints) {
    Set<String> found = new TreeSet<>();
    for (JsonNode subset : endpoints.path("subsets")) {
      for (JsonNode port : subset.path("ports")) {
        subset
            .path("addresses")
            .forEach(a -> found.add(a.path("ip").asString() + ":" + port.path("port").asInt()));
      }
    }
    return found;
  }

  private static void awaitBoth(String service, Set<String> wanted) {
    api.await(
        "the Endpoints of " + service + " are " + wanted,
        CORE + "endpoints/" + service,
        seen -> seen.has("metadata") && inEndpoints(seen).equals(wanted));
    Cluster.eventually("its slices, too", () -> inSlices(service).equals(wanted));
  }

  @Test
  void theApiServersAreBehindTheirOwnService() {
    Set<String> endpoints = inEndpoints(api.get("/api/v1/namespaces/default/endpoints/kubernetes"));
    assertThat(endpoints).isNotEmpty();
    JsonNode slices =
        api.get(
            "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=kubernetes");
    Set<String> found = new TreeSet<>();
    for (JsonNode slice : slices.path("items")) {
      slice
          .path("endpoints")
          .forEach(endpoint ->
              found.add(
                  endpoint.at("/addresses/0").asString()
                      + ":"
                      + slice.at("/ports/0/port").asInt()));
    }
    assertThat(found).isEqualTo(endpoints);
  }

  @Test
  void whatTheProxiesAreToldCanBeRead() {
    assertThat(
            api.get("/api/v1/namespaces/kube-system/configmaps/kube-proxy")
                .path("data")
                .path("config.conf")
                .asString())
        .contains("kind: KubeProxyConfiguration", "mode: iptables", "clusterCIDR: 10.244.0.0/16");
  }

  @Test
  void podsAreFoundByLabelAndPortsByName() {
    service("by-number", "{selector: {one: here}, ports: [{port: 80, targetPort: 8081}]}");
    service("by-name", "{selector: {app: both}, ports: [{port: 80, targetPort: web}]}");
    service("empty", "{selector: {app: nobody}, ports: [{name: web, port: 80}]}");
    String one = address("one") + ":8081";
    Set<String> both = Set.of(one, address("two") + ":8082");
    awaitBoth("by-number", Set.of(one));
    awaitBoth("by-name", both);
    awaitBoth("empty", Set.of());
    assertThat(slices("by-name")).hasSize(2);
    assertThat(slices("empty")).hasSize(1);
    assertThat(
            slices("empty")
                .getFirst()
                .at("/metadata/labels")
                .path("endpointslice.kubernetes.io/managed-by")
                .asString())
        .isEqualTo("endpointslice-controller.k8s.io");
    awaitAnswers("http://by-name", Set.of("one", "two"));

    api.delete(SLICES + "?labelSelector=kubernetes.io/service-name=by-name");
    awaitBoth("by-name", both);
    api.delete(CORE + "services/empty");
    api.awaitGone(CORE + "endpoints/empty");
    Cluster.eventually("its slices go", () -> slices("empty").isEmpty());
  }

  @Test
  void endpointsWrittenByHandAreMirrored() {
    service("by-hand", "{ports: [{name: example, port: 80}]}");
    api.create(CORE + "endpoints", endpoints("192.0.2.11"));
    Cluster.eventually("mirrored", () -> inSlices("by-hand").equals(Set.of("192.0.2.11:80")));
    // As a client that knows no version writes.
    api.ask("PUT", CORE + "endpoints/by-hand", "application/yaml", endpoints("192.0.2.12"))
        .orFail();
    Cluster.eventually("changed", () -> inSlices("by-hand").equals(Set.of("192.0.2.12:80")));
    assertThat(slices("by-hand")).hasSize(1);
    api.delete(CORE + "endpoints/by-hand");
    Cluster.eventually("gone", () -> slices("by-hand").isEmpty());
  }

  private static String endpoints(String address) {
    return """
    apiVersion: v1
    kind: Endpoints
    metadata: {name: by-hand}
    subsets: [{addresses: [{ip: %s}], ports: [{port: 80}]}]
    """
        .formatted(address);
  }

  private static void slice(String name, String service, String port, String address) {
    api.create(
        SLICES,
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %s, labels: {kubernetes.io/service-name: %s}}
        addressType: IPv4
        endpoints: [{addresses: [%s]}]
        ports: [%s]
        """
            .formatted(name, service, address, port));
  }

  @Test
  void severalSlicesWrittenByHandAreOneService() {
    service("joined", "{ports: [{name: web, port: 80}]}");
    slice("joined-1", "joined", "{name: web, port: 8081}", address("one"));
    slice("joined-2", "joined", "{name: web, port: 8082}", address("two"));
    awaitAnswers("http://joined", Set.of("one", "two"));

    service("ports", "{ports: [{name: first, port: 80}, {name: second, port: 81}]}");
    slice("ports-1", "ports", "{name: first, port: 8081}", address("one"));
    slice("ports-2", "ports", "{name: second, port: 8082}", address("two"));
    awaitAnswers("http://ports", Set.of("one"));
    awaitAnswers("http://ports:81", Set.of("two"));
  }

  private static void awaitAnswers(String address, Set<String> wanted) {
    Cluster.eventually(
        address + " is answered by " + wanted,
        () -> Visitors.ask(cluster, NAMESPACE, node, address, 20).equals(wanted));
  }

  @Test
  void onePortServesTwoProtocols() {
    String tcp = "{name: tcp, port: 80, targetPort: 8080, protocol: TCP}";
    String udp = "{name: udp, port: 80, targetPort: 8080, protocol: UDP}";
    String address =
        service("double", "{selector: {app: echo}, ports: [" + tcp + ", " + udp + "]}")
            .at("/spec/clusterIP")
            .asString();
    reaches("double", address, true, true);
    ports("double", tcp);
    reaches("double", address, true, false);
    ports("double", udp);
    reaches("double", address, false, true);
  }

  private static void ports(String service, String ports) {
    ObjectNode object = (ObjectNode) api.get(CORE + "services/" + service);
    object.withObject("spec").set("ports", YAML.readTree("[" + ports + "]"));
    api.replace(CORE + "services/" + service, object);
  }

  private static void reaches(String service, String address, boolean tcp, boolean udp) {
    Cluster.eventually(
        service + " serves TCP: " + tcp + ", UDP: " + udp,
        () ->
            asks("timeout", "2", "wget", "-qO-", "http://" + address).contains("GET") == tcp
                && asks(
                            "chroot",
                            "/host",
                            "perl",
                            "-MIO::Socket::INET",
                            "-e",
                            UDP_CLIENT.replace("ADDRESS", address))
                        .contains("echo")
                    == udp);
  }

  private static String asks(String... command) {
    List<String> words = new ArrayList<>(List.of("-n", NAMESPACE, "exec", "asker", "--"));
    words.addAll(List.of(command));
    return cluster.tryKubectl(words.toArray(String[]::new)).output();
  }

  @Test
  void everyVerbPassesTheProxy() {
    service("echo", "{selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]}");
    awaitBoth("echo", Set.of(address("echo") + ":8080"));
    for (String target : List.of("pods/echo:8080", "services/echo")) {
      String proxy = CORE + target + "/proxy";
      for (String verb : List.of("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")) {
        RawApi.Answer answer = api.ask(verb, proxy + "/some/path/with/" + verb + "?a=b");
        assertThat(answer.code()).as(answer.request() + answer.text()).isEqualTo(200);
        if (verb.equals("HEAD")) {
          continue;
        }
        assertThat(answer.json().path("method").asString()).isEqualTo(verb);
        assertThat(answer.json().path("path").asString())
            .isEqualTo("/some/path/with/" + verb + "?a=b");
      }
      for (String verb : List.of("DELETE", "OPTIONS", "PATCH", "POST", "PUT")) {
        RawApi.Answer answer = api.ask(verb, proxy + "?a=b");
        assertThat(answer.code()).as(answer.request() + answer.text()).isEqualTo(200);
        assertThat(answer.json().path("method").asString()).isEqualTo(verb);
      }
      for (String verb : List.of("GET", "HEAD")) {
        RawApi.Answer answer = api.ask(verb, proxy + "?a=b");
        assertThat(answer.code()).as(answer.request() + answer.text()).isEqualTo(301);
        assertThat(answer.headers().firstValue("Location")).hasValue(proxy + "/?a=b");
      }
    }
  }

  @Test
  void theStatusOfALoadBalancerIsWrittenByItsMaker() {
    service(
        "balanced",
        "{type: LoadBalancer, loadBalancerClass: example.com/balancer, ports: [{name: http, port:"
            + " 80}]}");
    String path = CORE + "services/balanced";
    assertThat(api.get(path + "/status").at("/status/loadBalancer").isObject()).isTrue();
    JsonNode patched =
        api.patch(
            path + "/status",
            RawApi.MERGE_PATCH,
            """
            {"metadata": {"annotations": {"made": "yes"}},
             "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}}
            """);
    assertThat(patched.at("/metadata/annotations/made").asString("")).isEqualTo("yes");
    assertThat(patched.at("/status/loadBalancer/ingress/0/ipMode").asString("")).isEqualTo("VIP");
    ObjectNode service = (ObjectNode) api.get(path);
    // A Go client writes a time that was not set as null.
    service
        .withObject("status")
        .withArray("conditions")
        .addObject()
        .put("type", "Made")
        .put("status", "True")
        .put("reason", "Test")
        .put("message", "by a test")
        .putNull("lastTransitionTime");
    assertThat(api.replace(path + "/status", service).at("/status/conditions/0/type").asString(""))
        .isEqualTo("Made");
    JsonNode labelled =
        api.patch(
            path,
            RawApi.STRATEGIC_PATCH,
            """
            {"metadata": {"creationTimestamp": null, "labels": {"of": "mine"}}, "spec": {},
             "status": {"loadBalancer": {}}}
            """);
    assertThat(labelled.at("/metadata/labels/of").asString("")).isEqualTo("mine");
    assertThat(labelled.at("/status/loadBalancer/ingress/0/ip").asString(""))
        .isEqualTo("203.0.113.1");
    api.delete(path);
  }

  @Test
  void everyNodeSaysWhetherItHasEndpointsOfWhatStaysOnItsNode() {
    JsonNode made =
        service(
            "kept-local",
            "{type: LoadBalancer, loadBalancerClass: example.com/balancer, externalTrafficPolicy:"
                + " Local, selector: {one: here}, ports: [{port: 80, targetPort: 8081}]}");
    int port = made.at("/spec/healthCheckNodePort").asInt();
    assertThat(port).isPositive();
    String home = api.get(CORE + "pods/one").at("/spec/nodeName").asString();
    for (JsonNode each : cluster.status().path("nodes")) {
      String wanted =
          each.path("name").asString().equals(home) ? "\"localEndpoints\": 1" : "503 Service";
      awaitHealth(each, port, wanted);
    }
    JsonNode patched =
        api.patch(
            CORE + "services/kept-local",
            RawApi.MERGE_PATCH,
            "{\"spec\": {\"externalTrafficPolicy\": \"Cluster\"}}");
    assertThat(patched.at("/spec").has("healthCheckNodePort")).isFalse();
    awaitHealth(cluster.status().path("nodes").path(0), port, "can't connect");
    api.delete(CORE + "services/kept-local");
  }

  private static void awaitHealth(JsonNode machine, int port, String wanted) {
    String ask = "wget -qO- http://" + machine.path("address").asString() + ":" + port + " 2>&1";
    Cluster.eventually(
        machine.path("name").asString() + " says " + wanted,
        () -> asks("sh", "-c", ask).contains(wanted));
  }

  @Test
  void rangesAndAddressesOfServicesAreObjects() {
    String ranges = "/apis/networking.k8s.io/v1/servicecidrs";
    JsonNode range = api.get(ranges + "/kubernetes");
    assertThat(api.get(ranges + "/kubernetes/status").at("/metadata/uid"))
        .isEqualTo(range.at("/metadata/uid"));
    assertThat(Cluster.stream(range.at("/status/conditions")))
        .anyMatch(c ->
            c.path("type").asString().equals("Ready")
                && c.path("status").asString().equals("True"));
    String addresses = "/apis/networking.k8s.io/v1/ipaddresses";
    for (String name : List.of("255.255.255.255", "fe80::42:1dff:fe84:f9e2")) {
      api.create(
          addresses,
          """
          apiVersion: networking.k8s.io/v1
          kind: IPAddress
          metadata: {name: "%s", labels: {of: apps}}
          spec: {parentRef: {group: example.com, resource: walks, namespace: foo, name: bar}}
          """
              .formatted(name));
      assertThat(api.get(addresses + "/" + name).at("/metadata/name").asString()).isEqualTo(name);
    }
    api.delete(addresses + "?labelSelector=of=apps");
    assertThat(api.get(addresses + "?labelSelector=of=apps").path("items")).isEmpty();
  }

  @Test
  void aRangeThatIsAddedIsKeptWhileAServiceHasAnAddressOfIt() {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: networking.k8s.io/v1
        kind: ServiceCIDR
        metadata: {name: added}
        spec: {cidrs: [10.200.0.0/28]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: added}
        spec: {clusterIP: 10.200.0.5, selector: {app: both}, ports: [{port: 80}]}
        """);
    assertThat(cluster.kubectl("get", "ipaddress", "10.200.0.5"))
        .contains("services/services/added");
    cluster.kubectl("delete", "servicecidr", "added", "--wait=false");
    cluster.kubectl("wait", "servicecidr/added", "--for=condition=Ready=false", Cluster.PATIENTLY);
    cluster.kubectl("delete", "service", "added", "-n", NAMESPACE);
    cluster.kubectl("wait", "servicecidr/added", "--for=delete", Cluster.PATIENTLY);
    assertThat(cluster.kubectl("get", "ipaddress", "10.200.0.5", "--ignore-not-found")).isEmpty();
  }
}
