package dev.coxswain.apiserver.admission.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestRuleTest {
  @ParameterizedTest
  @CsvSource({
    "*, pods, pods, '', true",
    "*, pods, pods, status, false",
    "*, pods/*, pods, '', true",
    "*, pods/*, pods, exec, true",
    "*, pods/exec, pods, exec, true",
    "*, pods/exec, pods, attach, false",
    "*, *, services, '', true",
    "*, *, services, status, false",
    "*, */*, services, status, true",
    "*, */scale, deployments, scale, true",
    "Namespaced, *, pods, '', true",
    "Cluster, *, pods, '', false",
    "Cluster, *, namespaces, '', true",
    "Namespaced, *, namespaces, '', false",
  })
  void resourcesAndScope(
      String scope, String wanted, String resource, String subresource, boolean matches) {
    RequestRule rule =
        RequestRule.of(
            Json.parseObject(
                """
                {"operations":["CREATE"],"apiGroups":["*"],"apiVersions":["v1"],
                 "resources":["%s"],"scope":"%s"}
                """
                    .formatted(wanted, scope)));
    var about = new RequestRule.About("CREATE", "", "v1", resource, subresource, "shop", "");
    assertThat(rule.matches(about)).isEqualTo(matches);
    assertThat(
            rule.matches(
                new RequestRule.About("UPDATE", "", "v1", resource, subresource, "shop", "")))
        .isFalse();
    assertThat(
            rule.matches(
                new RequestRule.About("CREATE", "", "v2", resource, subresource, "shop", "")))
        .isFalse();
  }
}
