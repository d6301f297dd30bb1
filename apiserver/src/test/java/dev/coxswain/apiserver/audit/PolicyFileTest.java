package dev.coxswain.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicyFileTest {
  private static final String HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
  private static final String RULES =
      HEAD
          + """
          omitStages: [RequestReceived]
          omitManagedFields: true
          rules:
          - {level: None, users: ["system:kube-proxy"], verbs: [watch]}
          - {level: None, nonResourceURLs: ["/healthz*", "/version"]}
          - level: RequestResponse
            resources: [{group: "", resources: [pods, "*/scale", "nodes/*"]}]
            omitManagedFields: false
          - level: Request
            resources: [{group: "", resources: [configmaps], resourceNames: [colours]}]
          - {level: RequestResponse, resources: [{group: "", resources: [serviceaccounts/token]}]}
          - {level: Metadata, namespaces: [dock], omitStages: [ResponseStarted]}
          - {level: Metadata, userGroups: ["system:masters"]}
          """;

  @TempDir private Path folder;

  private AuditPolicy policy(String text) throws IOException {
    return PolicyFile.read(Files.writeString(folder.resolve("policy.yaml"), text));
  }

  private static AuditPolicy.Verdict verdict(
      AuditPolicy policy, String user, String method, String path, String... groups) {
    RequestInfo info = RequestInfo.parse(method, path, Query.NONE);
    return policy.judge(info.attributes(UserInfo.of(user, List.of(groups))));
  }

  @Test
  void theFirstRuleThatMatchesDecides() throws IOException {
    AuditPolicy policy = policy(RULES);
    assertThat(verdict(policy, "system:kube-proxy", "GET", "/api/v1/watch/pods").level())
        .isEqualTo(Level.NONE);
    assertThat(verdict(policy, "ada", "GET", "/api/v1/watch/pods").level())
        .isEqualTo(Level.REQUEST_RESPONSE);
    assertThat(verdict(policy, "ada", "GET", "/healthz/ping").level()).isEqualTo(Level.NONE);
    assertThat(verdict(policy, "ada", "GET", "/livez", "system:masters").level())
        .isEqualTo(Level.METADATA);
    assertThat(verdict(policy, "ada", "GET", "/livez").level()).isEqualTo(Level.NONE);
  }

  @Test
  void resourcesAreNamedWithAndWithoutTheirSubresources() throws IOException {
    AuditPolicy policy = policy(RULES);
    String pod = "/api/v1/namespaces/a/pods/p";
    assertThat(verdict(policy, "ada", "GET", pod).level()).isEqualTo(Level.REQUEST_RESPONSE);
    assertThat(verdict(policy, "ada", "GET", pod + "/log").level()).isEqualTo(Level.NONE);
    assertThat(verdict(policy, "ada", "GET", "/api/v1/nodes/n/proxy").level())
        .isEqualTo(Level.REQUEST_RESPONSE);
    // Upstream takes the resource itself for one of "nodes/*", too.
    assertThat(verdict(policy, "ada", "GET", "/api/v1/nodes/n").level())
        .isEqualTo(Level.REQUEST_RESPONSE);
    assertThat(
            verdict(policy, "ada", "GET", "/apis/apps/v1/namespaces/a/deployments/d/scale").level())
        .isEqualTo(Level.NONE);
    assertThat(
            verdict(policy, "ada", "PUT", "/api/v1/namespaces/a/replicationcontrollers/r/scale")
                .level())
        .isEqualTo(Level.REQUEST_RESPONSE);
    String maps = "/api/v1/namespaces/a/configmaps/";
    assertThat(verdict(policy, "ada", "GET", maps + "colours").level()).isEqualTo(Level.REQUEST);
    assertThat(verdict(policy, "ada", "GET", maps + "sounds").level()).isEqualTo(Level.NONE);
  }

  @Test
  void stagesAndManagedFieldsAreLeftOutByThePolicyAndItsRules() throws IOException {
    AuditPolicy policy = policy(RULES);
    AuditPolicy.Verdict dock =
        verdict(policy, "ada", "GET", "/apis/apps/v1/namespaces/dock/deployments");
    assertThat(dock.tells(Stage.REQUEST_RECEIVED)).isFalse();
    assertThat(dock.tells(Stage.RESPONSE_STARTED)).isFalse();
    assertThat(dock.tells(Stage.RESPONSE_COMPLETE)).isTrue();
    assertThat(dock.omitManagedFields()).isTrue();
    assertThat(verdict(policy, "ada", "GET", "/api/v1/pods").omitManagedFields()).isFalse();
  }

  @Test
  void tokensAreNeverTold() throws IOException {
    assertThat(
            verdict(
                    policy(RULES),
                    "ada",
                    "POST",
                    "/api/v1/namespaces/dock/serviceaccounts/default/token")
                .level())
        .isEqualTo(Level.METADATA);
  }

  @Test
  void whatIsWrongIsNamedByItsField() {
    assertThatThrownBy(() -> policy(HEAD + "rules: []"))
        .hasMessageContaining("rules: Required value");
    assertThatThrownBy(() -> policy("rules: [{level: Metadata}]"))
        .hasMessageContaining("must be audit.k8s.io/v1 and Policy");
    assertThatThrownBy(() -> policy(HEAD + "rules: [{level: Everything, omitStages: [Noon]}]"))
        .hasMessageContaining("rules[0].level: Unsupported value: \"Everything\"")
        .hasMessageContaining("rules[0].omitStages: Unsupported value: \"Noon\"");
    assertThatThrownBy(
            () -> policy(HEAD + "rules: [{level: None, nonResourceURLs: [x], namespaces: [a]}]"))
        .hasMessageContaining("cannot apply to both")
        .hasMessageContaining("begin with '/'");
    assertThatThrownBy(() -> policy(HEAD + "rules: [{level: None, user: [a]}]"))
        .hasMessageContaining("unknown field \"rules[0].user\"");
  }
}
