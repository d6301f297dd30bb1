package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.tls.TestPki;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an administrator sets up around the API: what is stored, and what is written down. */
final class ApiSecurityEndToEndTest {
  private static final String POLICY =
      """
      ---
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived]
      rules:
      - {level: Metadata, resources: [{group: "", resources: [secrets]}]}
      - {level: Request, verbs: [create], resources: [{group: "", resources: [configmaps]}]}
      """;

  @TempDir private static Path home;
  private static Cluster cluster;

  @BeforeAll
  static void up() throws IOException {
    Files.writeString(home.resolve("audit-policy.yaml"), POLICY);
    cluster = Cluster.at(home);
    cluster.cox("up", "--api-port", "0").orFail();
  }

  @AfterAll
  static void down() {
    cluster.cox("down").orFail();
  }

  /** What can be read of the bytes that the store has under a key. */
  private static String stored(String key) {
    String command =
        ". "
            + home.resolve("etcdctl.env")
            + " && etcdctl --command-timeout=60s get "
            + key
            + " | tr -cd ' -~'";
    return cluster.shell().run(Cluster.PATIENCE, List.of("bash", "-c", command)).orFail();
  }

  private static String secret() {
    return cluster.kubectl("get", "secret", "whisper", "-o", "jsonpath={.data.word}");
  }

  private static void restartWith(String configuration) throws IOException {
    Files.writeString(home.resolve("pki/encryption.yaml"), configuration);
    cluster.cox("restart", "apiserver").orFail();
    Cluster.eventually("the API serves", () -> !secret().isEmpty());
  }

  @Test
  void secretsAreStoredEncryptedAndKeysAreRotated() throws IOException {
    cluster.kubectl("create", "secret", "generic", "whisper", "--from-literal=word=hush-hush");
    String key = "/registry/core/secrets/default/whisper";
    assertThat(stored(key))
        .contains("k8s:enc:aesgcm:v1:key1:")
        .doesNotContain("hush-hush")
        .doesNotContain(secret());
    String first = Files.readString(home.resolve("pki/encryption.yaml"));
    String fresh = "- {name: key2, secret: \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"}";
    restartWith(first.replaceFirst("( *)(- \\{name: key1)", "$1" + fresh + "\n$1$2"));
    assertThat(stored(key)).contains("k8s:enc:aesgcm:v1:key1:");
    String all = cluster.kubectl("get", "secrets", "-A", "-o", "json");
    cluster
        .shell()
        .run(Duration.ofMinutes(1), List.of("kubectl", "replace", "-f", "-"), all)
        .orFail();
    assertThat(stored(key)).contains("k8s:enc:aesgcm:v1:key2:");
    restartWith(first.replaceFirst("- \\{name: key1.*", fresh));
    assertThat(secret()).isEqualTo("aHVzaC1odXNo");
  }

  @Test
  void theAuditLogTellsWhoDidWhat() throws IOException {
    cluster.kubectl("create", "configmap", "colours", "--from-literal=sky=azure");
    cluster.kubectl("create", "secret", "generic", "sounds", "--from-literal=sea=murmur");
    List<String> lines;
    try (var logs = Files.newDirectoryStream(home.resolve("logs"), "audit-*.log")) {
      lines = Files.readAllLines(logs.iterator().next());
    }
    assertThat(lines)
        .anyMatch(line -> line.contains("\"colours\"") && line.contains("\"azure\""))
        .anyMatch(line -> line.contains("\"sounds\"") && line.contains("\"verb\":\"create\""))
        .noneMatch(line -> line.contains("murmur") || line.contains("bXVybXVy"));
  }

  @Test
  void issuersAndWhoIsSentTheAuditAreConfiguredByFiles() throws IOException {
    IssuedToken tokens = new IssuedToken(TestPki.rsaKeys());
    Path webhook = home.resolve("audit-webhook.conf");
    Path authentication = home.resolve("authentication.yaml");
    try (HostServer beside = HostServer.beside(cluster)) {
      beside
          .serve(
              "/.well-known/openid-configuration",
              "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\"}".formatted(beside.url()))
          .serve("/keys", tokens.keySet());
      Files.writeString(webhook, receiver(beside));
      Files.writeString(authentication, issuers(beside));
      cluster.cox("restart", "apiserver").orFail();
      Function<String, Shell.Outcome> who = sub -> whoIs(tokens.of(claims(beside, sub)));
      Cluster.eventually(
          "a sailor is known", () -> who.apply("ada").output().contains("\"sailor ada\""));
      assertThat(who.apply("ada").output())
          .contains("\"crew:deck\"", "\"example.com/aboard\"", "\"yes\"");
      assertThat(who.apply("rat").errors()).contains("You must be logged in");
      assertThat(whoIs("none").errors()).contains("You must be logged in");
      cluster.kubectl("create", "configmap", "tidings", "--from-literal=wind=aft");
      Files.delete(authentication);
      Files.delete(webhook);
      // What waits for more to be sent with goes out before the server ends.
      cluster.cox("restart", "apiserver").orFail();
      assertThat(beside.posted())
          .anySatisfy(events ->
              assertThat(events)
                  .contains("\"kind\":\"EventList\"", "\"tidings\"", "\"aft\"")
                  .doesNotContain("\"level\":\"RequestResponse\""));
    } finally {
      Files.deleteIfExists(authentication);
      Files.deleteIfExists(webhook);
    }
  }

  private static String receiver(HostServer beside) {
    return """
    apiVersion: v1
    kind: Config
    current-context: it
    contexts: [{name: it, context: {cluster: it, user: it}}]
    users: [{name: it, user: {}}]
    clusters: [{name: it, cluster: {server: "%s/audit", certificate-authority-data: %s}}]
    """
        .formatted(beside.url(), encoded(beside.authority()));
  }

  private static String issuers(HostServer beside) {
    return """
    apiVersion: apiserver.config.k8s.io/v1
    kind: AuthenticationConfiguration
    anonymous: {enabled: true, conditions: [{path: /healthz}, {path: /readyz}]}
    jwt:
    - claimMappings:
        username: {expression: "'sailor ' + claims.sub"}
        groups: {claim: crew, prefix: "crew:"}
        extra: [{key: example.com/aboard, valueExpression: "'yes'"}]
      userValidationRules:
      - {expression: "!user.username.endsWith('rat')", message: no rats}
      issuer:
        url: %s
        audiences: [ship]
        certificateAuthority: |
    %s
    """
        .formatted(beside.url(), beside.authority().indent(6));
  }

  private static String claims(HostServer issuer, String subject) {
    return """
    {"iss": "%s", "aud": "ship", "exp": 4000000000, "sub": "%s", "crew": ["deck"]}
    """
        .formatted(issuer.url(), subject);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What the API server says of whom a token stands for. */
  private static Shell.Outcome whoIs(String token) {
    return cluster.tryKubectl(
        "--kubeconfig=/dev/null",
        "--server=" + view("{.clusters[0].cluster.server}"),
        "--certificate-authority=" + home.resolve("pki/ca.crt"),
        "--token=" + token,
        "auth",
        "whoami",
        "-o",
        "json");
  }

  private static String view(String path) {
    return cluster.kubectl("config", "view", "--raw", "-o", "jsonpath=" + path);
  }

  @Test
  void requestsHaveTheirPriorityLevels() {
    assertThat(cluster.kubectl("get", "flowschemas", "-o", "name").lines())
        .contains(
            "flowschema.flowcontrol.apiserver.k8s.io/exempt",
            "flowschema.flowcontrol.apiserver.k8s.io/service-accounts",
            "flowschema.flowcontrol.apiserver.k8s.io/catch-all");
    String uid = cluster.kubectl("get", "flowschema", "exempt", "-o", "jsonpath={.metadata.uid}");
    assertThat(cluster.tryKubectl("get", "namespaces", "-v=8").errors())
        .containsIgnoringCase("X-Kubernetes-Pf-Flowschema-Uid: " + uid);
    Cluster.eventually(
        "schemas say that their levels are there",
        () ->
            cluster
                .kubectl(
                    "get",
                    "flowschema",
                    "global-default",
                    "-o",
                    "jsonpath={.status.conditions[?(@.type=='Dangling')].status}")
                .equals("False"));
    // Another test may just have begun the server anew, which the controllers have yet to notice.
    Cluster.eventually(
        "what was asked is counted",
        () -> {
          assertThat(cluster.kubectl("get", "--raw", "/metrics"))
              .contains("apiserver_flowcontrol_dispatched_requests_total{")
              .contains("flow_schema=\"kube-controller-manager\"")
              .contains(
                  "apiserver_flowcontrol_nominal_limit_seats{priority_level=\"workload-low\"} 245");
          return true;
        });
  }
}
