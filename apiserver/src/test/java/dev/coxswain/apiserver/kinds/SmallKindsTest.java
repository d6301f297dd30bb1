package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What kinds with few rules say of objects that break them. */
final class SmallKindsTest {
  private static String named(String name, String fields) {
    return "{`metadata`:{`name`:`" + name + "`,`namespace`:`default`}," + fields + "}";
  }

  private static String limits(String limits) {
    return named("l", "`spec`:{`limits`:[" + limits + "]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A limit where there is only a greatest one, and a request where there is a limit.
        "{`type`:`Container`,`max`:{`cpu`:`1`}} | {`cpu`:`1`} | {`cpu`:`1`}",
        "{`type`:`Container`,`default`:{`cpu`:`1`}} | {`cpu`:`1`} | {`cpu`:`1`}",
        "{`type`:`Container`,`min`:{`cpu`:`1`}} | '' | {`cpu`:`1`}",
        "{`type`:`Container`,`max`:{`cpu`:`2`},`default`:{`cpu`:`1`},`defaultRequest`:{`cpu`:`500m`}}"
            + " | {`cpu`:`1`} | {`cpu`:`500m`}",
        "{`type`:`Pod`,`max`:{`cpu`:`1`}} | '' | ''",
      })
  void aLimitRangeSaysAllOfItsDefaults(String limit, String most, String request) {
    ObjectNode filled = Rules.filled("LimitRange.", limits(limit));
    assertThat(told(filled, "default")).isEqualTo(most);
    assertThat(told(filled, "defaultRequest")).isEqualTo(request);
  }

  private static String told(ObjectNode range, String field) {
    return range.at("/spec/limits/0").has(field)
        ? range.at("/spec/limits/0/" + field).toString().replace('"', '`')
        : "";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{`type`:`Container`,`max`:{`cpu`:`1`},`min`:{`cpu`:`1`}} | -",
        "{`type`:`PersistentVolumeClaim`,`max`:{`storage`:`1`}} | -",
        "{`type`:`foo`} | spec.limits[0].type: Invalid value: `foo`: must be a standard limit type"
            + " or fully qualified",
        "{`type`:`Pod`},{`type`:`Pod`} | spec.limits[1].type: Duplicate value: `Pod`",
        "{`type`:`Pod`,`default`:{`cpu`:`1`}} | spec.limits[0].default: Forbidden: may not be"
            + " specified when `type` is 'Pod'",
        "{`type`:`PersistentVolumeClaim`} | spec.limits[0].limits: Required value: either minimum"
            + " or maximum storage value is required, but neither was provided",
        "{`type`:`Pod`,`min`:{`cpu`:`2`},`max`:{`cpu`:`1`}} | spec.limits[0].min[cpu]: Invalid"
            + " value: `2`: min value 2 is greater than max value 1",
        "{`type`:`Container`,`default`:{`cpu`:`1`},`defaultRequest`:{`cpu`:`2`}} |"
            + " spec.limits[0].defaultRequest[cpu]: Invalid value: `2`: default request value 2 is"
            + " greater than default limit value 1",
        "{`type`:`Pod`,`maxLimitRequestRatio`:{`cpu`:`500m`}} |"
            + " spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: `500m`: ratio 500m is less"
            + " than 1",
        "{`type`:`Pod`,`min`:{`memory`:`128Mi`},`max`:{`memory`:`512Mi`},"
            + "`maxLimitRequestRatio`:{`memory`:`10`}} |"
            + " spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: `10`: ratio 10 is"
            + " greater than max/min = 4.000000",
        "{`type`:`Container`,`max`:{`apples`:`1`}} | spec.limits[0].max[apples]: Invalid value:"
            + " `apples`: must be a standard resource for containers",
      })
  void limitRanges(String limits, String said) {
    assertThat(Rules.create("LimitRange.", limits(limits))).startsWith(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "mine | `value`:1000000000 | -",
        "mine | `value`:1000000001 | value: Forbidden: maximum allowed value of a user defined"
            + " priority is 1000000000",
        "system-node-critical | `value`:2000001000 | -",
        "system-node-critical | `value`:1 | metadata.name: Forbidden: priority class names with"
            + " 'system-' prefix are reserved for system use only. error: value of"
            + " system-node-critical PriorityClass must be 2000001000",
        "system-mine | `value`:1 | metadata.name: Forbidden: priority class names with 'system-'"
            + " prefix are reserved for system use only. error: system-mine is not a known system"
            + " priority class",
      })
  void whatIsTheSystemsComesFirst(String name, String fields, String said) {
    assertThat(Rules.create("PriorityClass.scheduling.k8s.io", named(name, fields)))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PriorityClass.scheduling.k8s.io | `value`:1 | `value`:2 | value: Forbidden: may not be"
            + " changed in an update.",
        "RuntimeClass.node.k8s.io | `handler`:`a` | `handler`:`b` | handler: Invalid value: `b`:"
            + " field is immutable",
        "ControllerRevision.apps | `data`:{`a`:1},`revision`:1 | `data`:{`a`:1},`revision`:2 | -",
        "ControllerRevision.apps | `data`:{`a`:1},`revision`:1 | `data`:{`a`:2},`revision`:1 |"
            + " data: Invalid value: {`a`:2}: field is immutable",
        "Node. | `spec`:{`podCIDR`:`10.0.0.0/24`} |"
            + " `spec`:{`podCIDRs`:[`10.0.0.0/24`,`fd00::/64`]} | spec.podCIDRs: Forbidden: node"
            + " updates may not change podCIDR except from `` to valid",
        "Node. | `spec`:{} | `spec`:{`podCIDRs`:[`10.0.0.0/24`,`fd00::/64`]} | -",
      })
  void someThingsAreSaidOnce(String kind, String before, String after, String said) {
    assertThat(Rules.update(kind, named("n", before), named("n", after))).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RuntimeClass.node.k8s.io | `handler`:`A` | handler: Invalid value: `A`: a lowercase RFC",
        "ControllerRevision.apps | `revision`:1 | data: Required value: data is mandatory",
        "Node. | `spec`:{`podCIDR`:`10.0.0.0/24`} | -",
        "Node. | `spec`:{`taints`:[{`key`:`a`,`effect`:`NoSchedule`},{`key`:`a`,`value`:`b`,"
            + "`effect`:`NoSchedule`}]} | spec.taints[1]: Duplicate value:"
            + " {`key`:`a`,`value`:`b`,`effect`:`NoSchedule`}: taints must be unique by key and"
            + " effect pair",
        "RoleBinding.rbac.authorization.k8s.io | `roleRef`:{`kind`:`Role`,`name`:`a/b`} |"
            + " roleRef.name: Invalid value: `a/b`: may not contain '/'",
        "Node. | `spec`:{`podCIDRs`:[`here`]} | spec.podCIDRs[0]: Invalid value: `here`: must be a"
            + " valid CIDR value",
        "Node. | `spec`:{`podCIDRs`:[`10.0.0.0/24`,`10.0.1.0/24`]} | spec.podCIDRs: Invalid value:"
            + " [`10.0.0.0/24`,`10.0.1.0/24`]: may specify no more than one CIDR for each IP"
            + " family",
        "ControllerRevision.apps | `revision`:-1 | revision: Invalid value: -1: must be greater",
        "PodTemplate. | `template`:{`spec`:{`containers`:[]}} | template.spec.containers: Required",
        "ResourceQuota. | `spec`:{`hard`:{`cpu`:`-1`}} | spec.hard[cpu]: Invalid value: `-1`: must"
            + " be greater than or equal to 0",
        "ResourceQuota. | `spec`:{`hard`:{`pods`:`500m`}} | spec.hard[pods]: Invalid value: `500m`:"
            + " must be an integer",
        "ResourceQuota. | `spec`:{`hard`:{`cpu`:`500m`,`requests.storage`:`1500m`,"
            + "`count/jobs.batch`:2}} | -",
      })
  void wrongOnes(String kind, String fields, String said) {
    assertThat(Rules.create(kind, named("n", fields))).startsWith(said);
  }

  @Test
  void aTemplateByItselfIsFilledInAsAllAre() {
    ObjectNode filled =
        Rules.filled(
            "PodTemplate.",
            named("n", "`template`:{`spec`:{`containers`:[{`name`:`a`,`image`:`i`}]}}"));
    assertThat(filled.at("/template/spec/restartPolicy").asString()).isEqualTo("Always");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "basic-auth | `username`:`YQ==` | -",
        "basic-auth | `other`:`YQ==` | data[username]: Required value; data[password]: Required"
            + " value",
        "dockerconfigjson | `.dockerconfigjson`:`{}` | -",
        "dockerconfigjson | `.dockerconfigjson`:`oops` | data[.dockerconfigjson]: Invalid value:"
            + " `<secret contents redacted>`: not valid JSON",
        "dockercfg | `.dockercfg`:`3` | data[.dockercfg]: Invalid value: `<secret contents"
            + " redacted>`: not a JSON object",
        "dockercfg | `a`:`3` | data[.dockercfg]: Required value",
      })
  void credentialsAreToBeReadAsSuch(String type, String data, String said) {
    int colon = data.indexOf(':');
    String text = data.substring(colon + 2, data.length() - 1).replace('`', '"');
    String encoded = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    assertThat(
            Rules.create(
                "Secret.",
                named(
                    "s",
                    "`type`:`kubernetes.io/"
                        + type
                        + "`,`data`:{"
                        + data.substring(0, colon)
                        + ":`"
                        + encoded
                        + "`}")))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | -",
        "`type`:`Odd` | type: Invalid value: ``: has invalid value: Odd",
        "`action`:`` | action: Required value",
        "`reportingController`:`a b` | reportingController: Invalid value: `a b`: name part must",
      })
  void anEventOfItsOwnGroupSaysWhoReportsWhat(String change, String said) {
    ObjectNode event =
        Rules.object(
            named(
                "e",
                "`eventTime`:`2026-01-01T00:00:00.000000Z`,`reportingController`:`a.io/b`,"
                    + "`reportingInstance`:`i`,`action`:`Do`,`reason`:`R`,`type`:`Normal`,"
                    + "`regarding`:{`namespace`:`default`}"));
    event.setAll(Rules.object("{" + change + "}"));
    assertThat(Rules.create("Event.events.k8s.io", event.toString())).startsWith(said);
    assertThat(Rules.create("Event.", named("e", "`involvedObject`:{`namespace`:`default`}")))
        .isEqualTo("-");
  }

  @Test
  void whoSaysSomethingOfHowFastItScalesGetsTheRest() {
    ObjectNode scaler =
        Rules.filled(
            "HorizontalPodAutoscaler.autoscaling",
            named(
                "h",
                "`spec`:{`maxReplicas`:3,`behavior`:{`scaleDown`:{"
                    + "`stabilizationWindowSeconds`:60}}}"));
    assertThat(Json.at(scaler, "spec", "behavior").toString().replace('"', '`'))
        .isEqualTo(
            "{`scaleDown`:{`stabilizationWindowSeconds`:60,`selectPolicy`:`Max`,`policies`:["
                + "{`type`:`Percent`,`value`:100,`periodSeconds`:15}]},"
                + "`scaleUp`:{`stabilizationWindowSeconds`:0,`selectPolicy`:`Max`,`policies`:["
                + "{`type`:`Pods`,`value`:4,`periodSeconds`:15},"
                + "{`type`:`Percent`,`value`:100,`periodSeconds`:15}]}}");
    assertThat(
            Rules.filled(
                    "HorizontalPodAutoscaler.autoscaling", named("h", "`spec`:{`maxReplicas`:3}"))
                .path("spec")
                .has("behavior"))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "RuntimeClass.node.k8s.io | `handler`:`h`,`overhead`:{`podFixed`:{`cpu`:`10m`}},"
            + "`scheduling`:{`tolerations`:[{`operator`:`Exists`}]} | -",
        "RuntimeClass.node.k8s.io | `handler`:`h`,`overhead`:{`podFixed`:{`gpu`:`1`}} |"
            + " overhead.limits[gpu]: Invalid value: `gpu`: must be a standard resource for"
            + " containers",
        "RuntimeClass.node.k8s.io | `handler`:`h`,`scheduling`:{`nodeSelector`:{`a b`:`c`}} |"
            + " scheduling.nodeSelector: Invalid value: `a b`: ",
        "RuntimeClass.node.k8s.io |"
            + " `handler`:`h`,`scheduling`:{`tolerations`:[{`operator`:`Exists`},{`operator`:`Exists`}]}"
            + " | scheduling.tolerations[1]: Duplicate value: ",
        "ClusterRole.rbac.authorization.k8s.io | `aggregationRule`:{} |"
            + " aggregationRule.clusterRoleSelectors: Required value: at least one"
            + " clusterRoleSelector required if aggregationRule is non-nil",
        "ClusterRole.rbac.authorization.k8s.io |"
            + " `aggregationRule`:{`clusterRoleSelectors`:[{`matchLabels`:{`a`:`b`}}]} | -",
      })
  void kindsOfFewRules(String kind, String fields, String said) {
    assertThat(Rules.create(kind, named("n", fields))).startsWith(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "`updateStrategy`:{`type`:`OnDelete`} | -",
        "`updateStrategy`:{`type`:`OnDelete`,`rollingUpdate`:{`partition`:1}} |"
            + " spec.updateStrategy.rollingUpdate: Invalid value: {`partition`:1}: only allowed for"
            + " updateStrategy 'RollingUpdate'",
        "`revisionHistoryLimit`:-1 | -",
        "`ordinals`:{`start`:-1} | spec.ordinals.start: Invalid value: -1: must be greater than or"
            + " equal to 0",
        "`persistentVolumeClaimRetentionPolicy`:{`whenScaled`:`Keep`} |"
            + " spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: `Keep`:"
            + " supported values: `Delete`, `Retain`",
      })
  void statefulSets(String fields, String said) {
    String spec =
        "`selector`:{`matchLabels`:{`a`:`b`}},`template`:{`metadata`:{`labels`:{`a`:`b`}},"
            + "`spec`:{`containers`:[{`name`:`c`,`image`:`i`}]}},";
    assertThat(Rules.create("StatefulSet.apps", named("s", "`spec`:{" + spec + fields + "}")))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "StatefulSet.apps | `spec`:{`revisionHistoryLimit`:-1} | spec.revisionHistoryLimit: a"
            + " negative value retains all historical revisions; a value >= 0 is recommended",
        "StatefulSet.apps | `spec`:{`volumeClaimTemplates`:[{`spec`:{`resources`:{`requests`:"
            + "{`storage`:`500m`}}}}]} | spec.volumeClaimTemplates[0].resources.requests[storage]:"
            + " fractional byte value `500m` is invalid, must be an integer",
        "PodTemplate. | `template`:{`spec`:{`imagePullSecrets`:[{}]}} |"
            + " template.spec.imagePullSecrets[0].name: invalid empty name ``",
      })
  void whatIsAllowedAndRarelyMeant(String kind, String fields, String warning) {
    assertThat(Rules.warned(kind, named("n", fields))).containsExactly(warning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "`maxSurge`:1,`maxUnavailable`:0 | -",
        "`maxUnavailable`:`101%` | spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value:"
            + " `101%`: must not be greater than 100%",
        "`maxSurge`:`0%`,`maxUnavailable`:0 | spec.updateStrategy.rollingUpdate.maxUnavailable:"
            + " Required value: cannot be 0 when maxSurge is 0",
      })
  void daemonSets(String rollout, String said) {
    String spec =
        "`selector`:{`matchLabels`:{`a`:`b`}},`template`:{`metadata`:{`labels`:{`a`:`b`}},"
            + "`spec`:{`containers`:[{`name`:`c`,`image`:`i`}]}},`updateStrategy`:{`rollingUpdate`:{";
    assertThat(Rules.create("DaemonSet.apps", named("d", "`spec`:{" + spec + rollout + "}}}")))
        .isEqualTo(said);
    String ending = spec.replace("`containers`", "`activeDeadlineSeconds`:1,`containers`");
    assertThat(Rules.create("DaemonSet.apps", named("d", "`spec`:{" + ending + rollout + "}}}")))
        .startsWith(
            "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in"
                + " DaemonSet is not Supported");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | `phase`:`Active` | -",
        "~~ | ~~ | -",
        "~~ | `phase`:`Terminating` | status.phase: Invalid value: `Terminating`: may only be"
            + " 'Active' if `deletionTimestamp` is empty",
        "`deletionTimestamp`:`2026-01-01T00:00:00Z` | `phase`:`Terminating` | -",
        "`deletionTimestamp`:`2026-01-01T00:00:00Z` | `phase`:`Active` | status.phase: Invalid"
            + " value: `Active`: may only be 'Terminating' if `deletionTimestamp` is not empty",
      })
  void aNamespaceIsActiveUntilItGoes(String metadata, String status, String said) {
    String namespace = "{`metadata`:{" + metadata + "},`status`:{" + status + "}}";
    assertThat(Rules.report("Namespace.", namespace, namespace)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "`externalIPs`:[`203.0.113.1`] | -",
        "`externalIPs`:[`name`] | spec.externalIPs[0]: Invalid value: `name`: must be a valid IP"
            + " address",
        "`externalIPs`:[`127.0.0.1`] | spec.externalIPs[0]: Invalid value: `127.0.0.1`: may not be"
            + " in the loopback range (127.0.0.0/8, ::1/128)",
        "`loadBalancerSourceRanges`:[`10.0.0.0/8`] | spec.LoadBalancerSourceRanges: Forbidden: may"
            + " only be used when `type` is 'LoadBalancer'",
        "`type`:`LoadBalancer`,`loadBalancerSourceRanges`:[` 10.0.0.0/8 `] | -",
        "`type`:`LoadBalancer`,`loadBalancerSourceRanges`:[`all`] |"
            + " spec.LoadBalancerSourceRanges[0]: Invalid value: `all`: must be a valid CIDR value",
        "`loadBalancerClass`:`a.io/b` | spec.loadBalancerClass: Forbidden: may only be used when"
            + " `type` is 'LoadBalancer'",
        "`allocateLoadBalancerNodePorts`:false | spec.allocateLoadBalancerNodePorts: Forbidden: may"
            + " only be used when `type` is 'LoadBalancer'",
      })
  void servicesThatAreReachedFromOutside(String fields, String said) {
    assertThat(
            Rules.create("Service.", named("s", "`spec`:{`ports`:[{`port`:80}]," + fields + "}")))
        .startsWith(said);
  }

  @Test
  void aPortOfTheNodesIsTakenOnce() {
    String spec =
        "`spec`:{`type`:`NodePort`,`ports`:[{`name`:`a`,`port`:80,`nodePort`:30000},"
            + "{`name`:`b`,`port`:81,`nodePort`:30000}]}";
    assertThat(Rules.create("Service.", named("s", spec)))
        .isEqualTo("spec.ports[1].nodePort: Duplicate value: 30000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "`loadBalancerClass`:`a.io/b` | `loadBalancerClass`:`a.io/c` | spec.loadBalancerClass:"
            + " Invalid value: `a.io/c`: may not change once set",
        "`loadBalancerClass`:`a.io/b` | `loadBalancerClass`:`a.io/b` | -",
      })
  void whoBalancesStays(String before, String after, String said) {
    String spec = "`spec`:{`type`:`LoadBalancer`,`ports`:[{`port`:80}],%s}";
    assertThat(
            Rules.update(
                "Service.", named("s", spec.formatted(before)), named("s", spec.formatted(after))))
        .isEqualTo(said);
  }
}
