package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of objects that are wrong, with the path and the words of upstream. */
final class KindRulesTest {
  private static String create(String kind, String name, String spec) {
    return Rules.create(kind, "{`metadata`:{`name`:`" + name + "`},`spec`:" + spec + "}");
  }

  private static String update(String kind, String before, String after) {
    return Rules.update(
        kind,
        "{`metadata`:{`name`:`n`},`spec`:" + before + "}",
        "{`metadata`:{`name`:`n`},`spec`:" + after + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{} | spec: Invalid value: []: either `defaultBackend` or `rules` must be specified",
        "{`defaultBackend`:{`service`:{`name`:`a`,`port`:{`number`:80}}}} | -",
        "{`defaultBackend`:{}} | spec.defaultBackend: Invalid value: ``: resource or service"
            + " backend is required",
        "{`defaultBackend`:{`service`:{`name`:`a`,`port`:{}}}} | spec.defaultBackend: Required"
            + " value: port name or number is required",
        "{`defaultBackend`:{`service`:{`name`:`a`,`port`:{`number`:80,`name`:`x`}}}} |"
            + " spec.defaultBackend: Invalid value: ``: cannot set both port name & port number",
        "{`defaultBackend`:{`service`:{`name`:`a`,`port`:{`number`:99999}}}} |"
            + " spec.defaultBackend.service.port.number: Invalid value: 99999: must be between 1"
            + " and 65535, inclusive",
        "{`rules`:[{`host`:`10.0.0.1`}]} | spec.rules[0].host: Invalid value: `10.0.0.1`: must be a"
            + " DNS name, not an IP address",
        "{`rules`:[{`host`:`*.example.com`}]} | -",
        "{`rules`:[{`http`:{`paths`:[]}}]} | spec.rules[0].http.paths: Required value",
        "{`rules`:[{`http`:{`paths`:[{`path`:`/a`,`backend`:{`service`:{`name`:`a`,`port`:{`number`:1}}}}]}}]}"
            + " | spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
        "{`rules`:[{`http`:{`paths`:[{`path`:`/a//b`,`pathType`:`Exact`,`backend`:{`service`:{`name`:`a`,`port`:{`number`:1}}}}]}}]}"
            + " | spec.rules[0].http.paths[0].path: Invalid value: `/a//b`: must not contain '//'",
        "{`rules`:[{`http`:{`paths`:[{`path`:`/a/..`,`pathType`:`Prefix`,`backend`:{`service`:{`name`:`a`,`port`:{`number`:1}}}}]}}]}"
            + " | spec.rules[0].http.paths[0].path: Invalid value: `/a/..`: cannot end with '/..'",
        "{`rules`:[{`http`:{`paths`:[{`path`:`a`,`pathType`:`ImplementationSpecific`,`backend`:{`resource`:{`kind`:`K`,`name`:`x/y`}}}]}}]}"
            + " | spec.rules[0].http.paths[0].path: Invalid value: `a`: must be an absolute path;"
            + " spec.rules[0].http.paths[0].backend.resource.name: Invalid value: `x/y`: may not"
            + " contain '/'",
      })
  void ingresses(String spec, String said) {
    assertThat(create("Ingress.networking.k8s.io", "i", spec)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A_B | A_B | -",
        "A_B | C_D | -",
        "good | C_D | spec.tls[0].secretName: Invalid value: `C_D`: a lowercase RFC 1123 subdomain",
      })
  void aSecretNameThatWasWrongBeforeStays(String before, String after, String said) {
    String spec =
        "{`defaultBackend`:{`service`:{`name`:`a`,`port`:{`number`:80}}},`tls`:[{`secretName`:`%s`}]}";
    assertThat(update("Ingress.networking.k8s.io", spec.formatted(before), spec.formatted(after)))
        .startsWith(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`controller`:`example.com/c`} | -",
        "{} | spec.controller: Required value",
        "{`controller`:`c`} | spec.controller: Invalid value: `c`: must be a domain-prefixed path"
            + " (such as `acme.io/foo`)",
        "{`controller`:`example.com/c`,`parameters`:{`kind`:`K`,`name`:`n`}} | -",
        "{`controller`:`example.com/c`,`parameters`:{`kind`:`K`,`name`:`n`,`scope`:`Namespace`}} |"
            + " spec.parameters.namespace: Required value: `parameters.scope` is set to"
            + " 'Namespace'",
        "{`controller`:`example.com/c`,`parameters`:{`kind`:`K`,`name`:`n`,`namespace`:`x`}} |"
            + " spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'",
        "{`controller`:`example.com/c`,`parameters`:{`kind`:`K`,`name`:`n`,`scope`:`World`}} |"
            + " spec.parameters.scope: Unsupported value: `World`: supported values: `Cluster`,"
            + " `Namespace`",
      })
  void ingressClasses(String spec, String said) {
    assertThat(create("IngressClass.networking.k8s.io", "c", spec)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`podSelector`:{},`ingress`:[{`from`:[{}]}]} | spec.ingress[0].from[0]: Required value:"
            + " must specify a peer",
        "{`podSelector`:{},`ingress`:[{`from`:[{`podSelector`:{},`ipBlock`:{`cidr`:`10.0.0.0/8`}}]}]}"
            + " | spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another"
            + " peer",
        "{`podSelector`:{},`egress`:[{`to`:[{`ipBlock`:{`cidr`:`10.0.0.0`}}]}]} |"
            + " spec.egress[0].to[0].ipBlock.cidr: Invalid value: `10.0.0.0`: must be a valid CIDR"
            + " value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
        "{`podSelector`:{},`egress`:[{`to`:[{`ipBlock`:{`cidr`:`10.0.0.0/8`,`except`:[`11.0.0.0/24`]}}]}]}"
            + " | spec.egress[0].to[0].ipBlock.except[0]: Invalid value: `11.0.0.0/24`: must be a"
            + " strict subset of `cidr`",
        "{`podSelector`:{},`ingress`:[{`ports`:[{`port`:80,`endPort`:79}]}]} |"
            + " spec.ingress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal"
            + " to `port`",
        "{`podSelector`:{},`ingress`:[{`ports`:[{`endPort`:79}]}]} |"
            + " spec.ingress[0].ports[0].endPort: Invalid value: 79: may not be specified when"
            + " `port` is not specified",
        "{`podSelector`:{},`ingress`:[{`ports`:[{`port`:80,`endPort`:90},{`port`:`web`}]}],`policyTypes`:[`Ingress`]}"
            + " | -",
        "{`podSelector`:{},`policyTypes`:[`Sideways`]} | spec.policyTypes[0]: Unsupported value:"
            + " `Sideways`: supported values: `Egress`, `Ingress`",
      })
  void networkPolicies(String spec, String said) {
    assertThat(create("NetworkPolicy.networking.k8s.io", "p", spec)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`cidrs`:[`10.9.0.0/24`]} | -",
        "{`cidrs`:[`10.9.0.0/24`,`2001:db8::/64`]} | -",
        "{} | spec.cidrs: Required value: at least one CIDR required",
        "{`cidrs`:[`10.9.0.1/24`]} | spec.cidrs[0]: Invalid value: `10.9.0.1/24`: must not have"
            + " bits set beyond the prefix length",
        "{`cidrs`:[`2001:DB8::/64`]} | spec.cidrs[0]: Invalid value: `2001:DB8::/64`: must be in"
            + " canonical form (`2001:db8::/64`)",
        "{`cidrs`:[`10.9.0.0/24`,`10.8.0.0/24`]} | spec.cidrs: Invalid value:"
            + " [`10.9.0.0/24`,`10.8.0.0/24`]: may specify no more than one IP for each IP family,"
            + " i.e 192.168.0.0/24 and 2001:db8::/64",
      })
  void ranges(String spec, String said) {
    assertThat(create("ServiceCIDR.networking.k8s.io", "r", spec)).isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`cidrs`:[`10.9.0.0/24`,`2001:db8::/64`]} | -",
        "{`cidrs`:[`10.8.0.0/24`]} | spec.cidrs[0]: Invalid value: `10.8.0.0/24`: field is"
            + " immutable",
        "{`cidrs`:[]} | spec.cidrs: Required value: at least one CIDR required; spec.cidrs: Invalid"
            + " value: []: field is immutable",
      })
  void aRangeStays(String spec, String said) {
    assertThat(update("ServiceCIDR.networking.k8s.io", "{`cidrs`:[`10.9.0.0/24`]}", spec))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`parentRef`:{`resource`:`services`,`namespace`:`a`,`name`:`b`}} | -",
        "{} | spec.parentRef: Required value",
        "{`parentRef`:{`name`:`b/c`}} | spec.parentRef.resource: Required value;"
            + " spec.parentRef.name: Invalid value: `b/c`: may not contain '/'",
      })
  void addresses(String spec, String said) {
    assertThat(create("IPAddress.networking.k8s.io", "10.0.0.1", spec)).isEqualTo(said);
  }

  private static final String SUBJECTS = "`subjects`:[{`kind`:`User`,`user`:{`name`:`u`}}]";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a | {`priorityLevelConfiguration`:{`name`:`l`}} | -",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`matchingPrecedence`:1} |"
            + " spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have"
            + " matchingPrecedence 1",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`matchingPrecedence`:10001} |"
            + " spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000",
        "a | {`priorityLevelConfiguration`:{`name`:``}} | spec.priorityLevelConfiguration.name:"
            + " Required value: must reference a priority level",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`distinguisherMethod`:{`type`:`ByMood`}} |"
            + " spec.distinguisherMethod.type: Unsupported value: `ByMood`: supported values:"
            + " `ByNamespace`, `ByUser`",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`rules`:[{SUBJECTS}]} | spec.rules[0]:"
            + " Required value: at least one of resourceRules and nonResourceRules has to be"
            + " non-empty",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`rules`:[{SUBJECTS,`nonResourceRules`:[{`verbs`:[`*`,`get`],`nonResourceURLs`:[`/a/*`,`b`]}]}]}"
            + " | spec.rules[0].nonResourceRules[0].verbs: Invalid value: [`*`,`get`]: if '*' is"
            + " present, must not specify other verbs;"
            + " spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: `b`: must"
            + " start with slash",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`rules`:[{SUBJECTS,`resourceRules`:[{`verbs`:[`get`],`apiGroups`:[`*`],`resources`:[`*`]}]}]}"
            + " | spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that"
            + " are not cluster scoped must supply at least one namespace",
        "a | {`priorityLevelConfiguration`:{`name`:`l`},`rules`:[{`subjects`:[{`kind`:`Group`,`user`:{`name`:`u`}}],`resourceRules`:[{`verbs`:[`get`],`apiGroups`:[`*`],`resources`:[`*`],`clusterScope`:true}]}]}"
            + " | spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is"
            + " not 'User'; spec.rules[0].subjects[0].group: Required value: group is required when"
            + " subject kind is 'Group'",
      })
  void flowSchemas(String name, String spec, String said) {
    assertThat(
            create(
                "FlowSchema.flowcontrol.apiserver.k8s.io",
                name,
                spec.replace("SUBJECTS", SUBJECTS)))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a | {`type`:`Limited`,`limited`:{`limitResponse`:{`type`:`Reject`}}} | -",
        "a | {`type`:`Limited`,`limited`:{`limitResponse`:{`type`:`Queue`,`queuing`:{}}}} | -",
        "a | {`type`:`Limited`} | spec.limited: Required value: must not be empty when type is"
            + " Limited",
        "a | {`type`:`Exempt`} | spec.type: Invalid value: `Exempt`: type must be 'Exempt' if and"
            + " only if name is 'exempt'",
        "exempt | {`type`:`Exempt`,`exempt`:{`nominalConcurrencyShares`:3}} | -",
        "catch-all |"
            + " {`type`:`Limited`,`limited`:{`nominalConcurrencyShares`:5,`limitResponse`:{`type`:`Reject`}}}"
            + " | -",
        "a | {`type`:`Limited`,`limited`:{`limitResponse`:{`type`:`Reject`,`queuing`:{}}}} |"
            + " spec.limited.limitResponse.queuing: Forbidden: must be nil if"
            + " limited.limitResponse.type is not Limited",
        "a | {`type`:`Limited`,`limited`:{`lendablePercent`:101,`limitResponse`:{`type`:`Reject`}}}"
            + " | spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100,"
            + " inclusive",
        "a | {`type`:`Limited`,`limited`:{`limitResponse`:{`type`:`Queue`,`queuing`:{`queues`:4,`handSize`:8}}}}"
            + " | spec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be"
            + " greater than queues (4)",
        "a | {`type`:`Limited`,`limited`:{`limitResponse`:{`type`:`Queue`,`queuing`:{`queues`:512,`handSize`:8}}}}"
            + " | spec.limited.limitResponse.queuing.handSize: Invalid value: 8: required entropy"
            + " bits of deckSize 512 and handSize 8 should not be greater than 60",
      })
  void priorityLevels(String name, String spec, String said) {
    assertThat(create("PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io", name, spec))
        .isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FlowSchema | {} | {`matchingPrecedence`:1000}",
        "PriorityLevelConfiguration | {`limited`:{`limitResponse`:{`queuing`:{`handSize`:3}}}} |"
            + " {`limited`:{`limitResponse`:{`queuing`:{`handSize`:3,`queues`:64,`queueLengthLimit`:50}},`nominalConcurrencyShares`:30,`lendablePercent`:0}}",
        "PriorityLevelConfiguration | {`exempt`:{}} |"
            + " {`exempt`:{`nominalConcurrencyShares`:0,`lendablePercent`:0}}",
      })
  void flowControlsDefaults(String kind, String spec, String filled) {
    assertThat(
            Rules.filled(kind + ".flowcontrol.apiserver.k8s.io", "{`spec`:" + spec + "}")
                .path("spec"))
        .isEqualTo(Rules.object(filled));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`minAvailable`:`30%`,`selector`:{}} | -",
        "{`maxUnavailable`:0,`unhealthyPodEvictionPolicy`:`AlwaysAllow`} | -",
        "{`minAvailable`:1,`maxUnavailable`:1} | minAvailable and maxUnavailable cannot be both"
            + " set",
        "{`minAvailable`:-1} | spec.minAvailable: Invalid value: -1: must be greater than or equal"
            + " to 0",
        "{`minAvailable`:`1`} | spec.minAvailable: Invalid value: `1`: a valid percent string must"
            + " be a numeric string followed by an ending '%'",
        "{`maxUnavailable`:`101%`} | spec.maxUnavailable: Invalid value: `101%`: must not be"
            + " greater than 100%",
        "{`unhealthyPodEvictionPolicy`:`Never`} | spec.unhealthyPodEvictionPolicy: Unsupported"
            + " value: `Never`: supported values: `AlwaysAllow`, `IfHealthyBudget`",
      })
  void aBudgetHasOneBound(String spec, String said) {
    assertThat(create("PodDisruptionBudget.policy", "n", spec)).contains(said);
  }
}
