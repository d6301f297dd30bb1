package dev.coxswain.apiserver.podsecurity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import org.junit.jupiter.api.Test;

class StandardsTest {
  private static String violations(String level, String version, String spec) {
    Policy policy =
        new Policy(Policy.Level.of(level).orElseThrow(), Policy.minor(version).orElseThrow());
    PodView pod = new PodView(Json.object(), Json.parseObject(spec.replace('\'', '"')));
    return Standards.printed(Standards.violations(pod, policy));
  }

  @Test
  void plainPodIsNoHardenedOne() {
    assertThat(violations("restricted", "latest", "{'containers':[{'name':'a'}]}"))
        .isEqualTo(
            "allowPrivilegeEscalation != false (container \"a\" must set"
                + " securityContext.allowPrivilegeEscalation=false), unrestricted capabilities"
                + " (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"]),"
                + " runAsNonRoot != true (pod or container \"a\" must set"
                + " securityContext.runAsNonRoot=true), seccompProfile (pod or container \"a\" must"
                + " set securityContext.seccompProfile.type to \"RuntimeDefault\" or"
                + " \"Localhost\")");
    assertThat(violations("baseline", "latest", "{'containers':[{'name':'a'}]}")).isEmpty();
  }

  @Test
  void hardenedPodPasses() {
    String hardened =
        """
        {'securityContext':{'runAsNonRoot':true,'seccompProfile':{'type':'RuntimeDefault'}},
         'volumes':[{'name':'v','emptyDir':{}}],
         'containers':[{'name':'a','securityContext':{'allowPrivilegeEscalation':false,
           'capabilities':{'drop':['ALL'],'add':['NET_BIND_SERVICE']}}}]}\
        """;
    assertThat(violations("restricted", "latest", hardened)).isEmpty();
    assertThat(
            violations(
                "restricted",
                "latest",
                hardened.replace("'emptyDir':{}", "'hostPath':{'path':'/'}")))
        .isEqualTo(
            "restricted volume types (volume \"v\" uses restricted volume type \"hostPath\")");
  }

  @Test
  void baselineNamesWhatReachesTheNode() {
    assertThat(
            violations(
                "baseline",
                "latest",
                """
                {'hostNetwork':true,'hostPID':true,'volumes':[{'name':'v','hostPath':{}}],
                 'securityContext':{'sysctls':[{'name':'kernel.msgmax'}]},
                 'containers':[
                  {'name':'a','ports':[{'hostPort':80}],'securityContext':{'privileged':true}},
                  {'name':'b','securityContext':{'privileged':true,
                    'capabilities':{'add':['NET_ADMIN','CHOWN']}}}]}\
                """))
        .isEqualTo(
            "non-default capabilities (container \"b\" must not include \"NET_ADMIN\" in"
                + " securityContext.capabilities.add), host namespaces (hostNetwork=true,"
                + " hostPID=true), hostPath volumes (volume \"v\"), hostPort (container \"a\" uses"
                + " hostPort 80), privileged (containers \"a\", \"b\" must not set"
                + " securityContext.privileged=true), forbidden sysctls (kernel.msgmax)");
  }

  @Test
  void rulesAreThoseOfTheVersion() {
    String sysctl =
        "{'securityContext':{'sysctls':[{'name':'net.ipv4.tcp_rmem'}]},'containers':[]}";
    assertThat(violations("baseline", "v1.31", sysctl))
        .isEqualTo("forbidden sysctls (net.ipv4.tcp_rmem)");
    assertThat(violations("baseline", "v1.32", sysctl)).isEmpty();
    String root = "{'securityContext':{'runAsNonRoot':true,'runAsUser':0},'containers':[]}";
    assertThat(violations("restricted", "v1.22", root)).isEmpty();
    assertThat(violations("restricted", "v1.23", root))
        .isEqualTo("runAsUser=0 (pod must not set runAsUser=0)");
  }

  @Test
  void kubeletsKnockAtNoOthersDoors() {
    String pod =
        """
        {'containers':[
          {'name':'b','livenessProbe':{'httpGet':{'port':1,'host':'127.0.0.1'}},
           'lifecycle':{'preStop':{'httpGet':{'port':1,'host':'bad.host'}}}},
          {'name':'a','readinessProbe':{'tcpSocket':{'port':1,'host':'bad.host'}}},
          {'name':'c','startupProbe':{'httpGet':{'port':1}}}]}\
        """;
    assertThat(violations("baseline", "v1.34", pod))
        .isEqualTo(
            "probe or lifecycle host (containers \"a\", \"b\" use probe or lifecycle hosts"
                + " \"127.0.0.1\", \"bad.host\")");
    assertThat(violations("restricted", "latest", pod)).contains("probe or lifecycle host (");
    assertThat(violations("baseline", "v1.33", pod)).isEmpty();
  }

  @Test
  void whoRunsContainersInHisOwnHasATypeForThat() {
    String pod =
        "{'securityContext':{'seLinuxOptions':{'type':'container_engine_t'}},'containers':[]}";
    assertThat(violations("baseline", "v1.31", pod)).isEmpty();
    assertThat(violations("baseline", "v1.30", pod))
        .isEqualTo(
            "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type"
                + " \"container_engine_t\")");
  }

  @Test
  void labelsNameThePolicy() {
    var namespace =
        Json.parseObject(
            "{\"metadata\":{\"labels\":{\"pod-security.kubernetes.io/enforce\":\"baseline\","
                + "\"pod-security.kubernetes.io/enforce-version\":\"v1.25\"}}}");
    assertThat(Policy.of(namespace, Policy.Mode.ENFORCE)).hasToString("baseline:v1.25");
    assertThat(Policy.of(namespace, Policy.Mode.WARN).forbidsNothing()).isTrue();
    assertThat(Policy.minor("1.25")).isEmpty();
  }
}
