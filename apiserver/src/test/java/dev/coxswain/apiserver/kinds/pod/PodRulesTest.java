package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes, but for those in an expression, which are backticks. */
class PodRulesTest {
  private static final PodStrategy STRATEGY =
      new PodStrategy(BuiltinSchemas.load().kind("", "v1", "Pod"));
  private static final String PLAIN = "'containers':[{'name':'a','image':'x'}]";

  private static List<String> problems(String spec) {
    ObjectNode pod =
        Json.parseObject(
            ("{'metadata':{'name':'p'},'spec':{" + spec + "}}")
                .replace('\'', '"')
                .replace('`', '\''));
    STRATEGY.prepareForCreate(pod);
    STRATEGY.fillDefaults(pod);
    return STRATEGY.validate(pod).stream().map(FieldError::message).toList();
  }

  /** A container with a volume of each sort beside it. */
  private static String container(String fields) {
    return "'containers':[{'name':'a','image':'x',"
        + fields
        + "}],'volumes':[{'name':'v','emptyDir':{}},"
        + "{'name':'c','persistentVolumeClaim':{'claimName':'c'}}]";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.labels[`app`]'}}}]",
        "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.annotations[`a/B`]'}}}]",
        "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'status.podIPs'}}}]",
        "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'spec.host'}}}]",
        "'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu','divisor':'1m'}}}]",
        "'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'requests.memory','divisor':'1Mi'}}}]",
        "'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.hugepages-2Mi'}}}]",
        "'envFrom':[{'prefix':'some.','configMapRef':{'name':'m'}}]",
        "'volumeMounts':[{'name':'v','mountPath':'/v','subPathExpr':'$(A)/b'}]",
        "'volumeMounts':[{'name':'v','mountPath':'/v','subPath':'..a/b'}]",
        "'volumeMounts':[{'name':'v','mountPath':'/v','readOnly':true,'recursiveReadOnly':'Enabled'}]",
        "'volumeMounts':[{'name':'v','mountPath':'/v','mountPropagation':'Bidirectional'}],'securityContext':{'privileged':true}",
        "'volumeDevices':[{'name':'c','devicePath':'/dev/c'}]",
        "'restartPolicy':'Never'",
        "'readinessProbe':{'grpc':{'port':90}},'livenessProbe':{'exec':{'command':['x']},'terminationGracePeriodSeconds':5}",
        "'lifecycle':{'preStop':{'sleep':{'seconds':30}},'postStart':{'sleep':{'seconds':0}}}",
        "'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'add':['NET_ADMIN']}}",
        "'resizePolicy':[{'resourceName':'cpu','restartPolicy':'NotRequired'},{'resourceName':'memory','restartPolicy':'RestartContainer'}]",
        "'securityContext':{'seccompProfile':{'type':'Localhost','localhostProfile':'a/b.json'},'appArmorProfile':{'type':'Localhost','localhostProfile':'x'}}",
      })
  void letsContainersBe(String fields) {
    assertThat(problems(container(fields))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.labels'}}}] |"
            + " .env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"metadata.labels\":"
            + " supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\","
            + " \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\","
            + " \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"",
        "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.whoops'}}}] |"
            + " .env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.whoops\": error"
            + " converting fieldPath: field label not supported: metadata.whoops",
        "'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.gpu'}}}] |"
            + " .env[0].valueFrom.resourceFieldRef.resource: Unsupported value: \"limits.gpu\":"
            + " supported values: \"limits.cpu\", \"limits.ephemeral-storage\","
            + " \"limits.memory\", \"requests.cpu\", \"requests.ephemeral-storage\","
            + " \"requests.memory\"",
        "'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu','divisor':'1Mi'}}}]"
            + " | .env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only"
            + " divisor's values 1m and 1 are supported with the cpu resource",
        "'env':[{'name':'A','valueFrom':{'secretKeyRef':{'name':'s','key':'..k'}}}] |"
            + " .env[0].valueFrom.secretKeyRef.key: Invalid value: \"..k\": must not start with"
            + " '..'",
        "'resizePolicy':[{'resourceName':'cpu','restartPolicy':'NotRequired'},"
            + "{'resourceName':'cpu','restartPolicy':'NotRequired'}] | .resizePolicy[1]: Duplicate"
            + " value: \"cpu\"",
        "'ports':[{'name':'-a','containerPort':1}] | .ports[0].name: Invalid value: \"-a\": must"
            + " not begin or end with a hyphen",
        "'resizePolicy':[{'resourceName':'gpu','restartPolicy':'NotRequired'}] | .resizePolicy:"
            + " Unsupported value: \"gpu\": supported values: \"cpu\", \"memory\"",
        "'envFrom':[{'prefix':'a=','configMapRef':{'name':'m'}}] | .envFrom[0].prefix: Invalid"
            + " value: \"a=\": a valid environment variable name must consist only of printable"
            + " ASCII characters other than '='",
        "'envFrom':[{'secretRef':{'name':'s'},'configMapRef':{'name':'m'}}] | .envFrom: Invalid"
            + " value: \"\": may not have more than one field specified at a time",
        "'volumeMounts':[{'name':'v','mountPath':'/v','subPath':'a','subPathExpr':'b'}] |"
            + " .volumeMounts[0].subPathExpr: Invalid value: \"b\": subPathExpr and subPath are"
            + " mutually exclusive",
        "'volumeMounts':[{'name':'v','mountPath':'/v','subPathExpr':'/b'}] |"
            + " .volumeMounts.subPathExpr: Invalid value: \"/b\": must be a relative path",
        "'volumeMounts':[{'name':'v','mountPath':'/v','subPathExpr':'a/../b'}] |"
            + " .volumeMounts.subPathExpr: Invalid value: \"a/../b\": must not contain '..'",
        "'volumeMounts':[{'name':'v','mountPath':'/v','mountPropagation':'Both'}] |"
            + " .volumeMounts[0].mountPropagation: Unsupported value: \"Both\": supported values:"
            + " \"Bidirectional\", \"HostToContainer\", \"None\"",
        "'volumeMounts':[{'name':'v','mountPath':'/v','mountPropagation':'Bidirectional'}] |"
            + " .volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is"
            + " available only to privileged containers",
        "'volumeMounts':[{'name':'v','mountPath':'/v','recursiveReadOnly':'Enabled'}] |"
            + " .volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is"
            + " true",
        "'volumeDevices':[{'name':'v','devicePath':'/dev/v'}] | .volumeDevices[0].name: Invalid"
            + " value: \"v\": can only use volume source type of PersistentVolumeClaim for block"
            + " mode",
        "'volumeDevices':[{'name':'c','devicePath':'/dev/../c'}] | .volumeDevices[0].devicePath:"
            + " Invalid value: \"/dev/../c\": can not contain backsteps ('..')",
        "'terminationMessagePolicy':'Never' | .terminationMessagePolicy: Unsupported value:"
            + " \"Never\": supported values: \"FallbackToLogsOnError\", \"File\"",
        "'restartPolicy':'Sometimes' | .restartPolicy: Unsupported value: \"Sometimes\": supported"
            + " values: \"Always\", \"Never\", \"OnFailure\"",
        "'readinessProbe':{'exec':{'command':['x']},'terminationGracePeriodSeconds':5} |"
            + " .readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set"
            + " for readinessProbes",
        "'livenessProbe':{'exec':{'command':['x']},'terminationGracePeriodSeconds':0} |"
            + " .livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater"
            + " than 0",
        "'livenessProbe':{'httpGet':{'port':80,'httpHeaders':[{'name':'a b','value':'c'}]}} |"
            + " .livenessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header"
            + " must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used"
            + " for validation is '[-A-Za-z0-9]+')",
        "'livenessProbe':{'grpc':{'port':70000}} | .livenessProbe.grpc.port: Invalid value: 70000:"
            + " must be between 1 and 65535, inclusive",
        "'lifecycle':{'preStop':{'sleep':{'seconds':31}}} | .lifecycle.preStop.sleep: Invalid"
            + " value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)",
        "'securityContext':{'procMount':'Unmasked'} | .securityContext.procMount: Invalid value:"
            + " \"Unmasked\": `hostUsers` must be false to use `Unmasked`",
        "'securityContext':{'privileged':true,'allowPrivilegeEscalation':false} |"
            + " .securityContext: Invalid value:"
            + " {\"privileged\":true,\"allowPrivilegeEscalation\":false}: cannot set"
            + " `allowPrivilegeEscalation` to false and `privileged` to true",
        "'securityContext':{'seccompProfile':{'type':'Localhost'}} |"
            + " .securityContext.seccompProfile.localhostProfile: Required value: must be set when"
            + " seccomp type is Localhost",
        "'securityContext':{'seccompProfile':{'type':'Some'}} |"
            + " .securityContext.seccompProfile.type: Unsupported value: \"Some\": supported"
            + " values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"",
        "'securityContext':{'appArmorProfile':{'type':'Localhost','localhostProfile':' x'}} |"
            + " .securityContext.appArmorProfile.localhostProfile: Invalid value: \" x\": must not"
            + " be padded with whitespace",
        "'resources':{'claims':[{'name':'gpu'}]} | .resources.claims[0].name: Not found: \"gpu\":"
            + " must be one of the names in pod.spec.resourceClaims which is empty",
      })
  void saysWhatIsWrongWithContainers(String fields, String problem) {
    assertThat(problems(container(fields))).containsExactly("spec.containers[0]" + problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'dnsPolicy':'None','dnsConfig':{'nameservers':['10.0.0.1','2001:db8::1'],'searches':['a.b.','x_y'],'options':[{'name':'ndots','value':'2'}]}",
        "'hostAliases':[{'ip':'010.1.2.3','hostnames':['a.b']},{'ip':'::ffff:1.2.3.4'}]",
        "'schedulingGates':[{'name':'a.b/c'}],'readinessGates':[{'conditionType':'a.b/C'}]",
        "'securityContext':{'supplementalGroups':[0,5]},'shareProcessNamespace':true",
        "'os':{'name':'linux'}",
        "'resourceClaims':[{'name':'gpu','resourceClaimName':'a'}]",
        "'initContainers':[{'name':'s','image':'x','restartPolicy':'Always','lifecycle':{'preStop':{'exec':{'command':['x']}}}}]",
        "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'k','operator':'Gt','values':['1']}],'matchFields':[{'key':'metadata.name','operator':'In','values':['n']}]}]},'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':1,'preference':{'matchExpressions':[{'key':'k','operator':'Exists'}]}}]}}",
        "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'z','whenUnsatisfiable':'DoNotSchedule','minDomains':2,'labelSelector':{},'matchLabelKeys':['a']},{'maxSkew':1,'topologyKey':'z','whenUnsatisfiable':'ScheduleAnyway'}]",
        "'volumes':[{'name':'d','downwardAPI':{'items':[{'path':'l','fieldRef':{'fieldPath':'metadata.labels'}},{'path':'c','resourceFieldRef':{'containerName':'a','resource':'limits.cpu'}}]}},{'name':'e','emptyDir':{'sizeLimit':'1Gi'}},{'name':'t','projected':{'sources':[{'serviceAccountToken':{'path':'token'}}]}}]",
      })
  void letsPodsBe(String fields) {
    assertThat(problems(PLAIN + "," + fields)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'dnsPolicy':'Whatever' | dnsPolicy: Unsupported value: \"Whatever\": supported values:"
            + " \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\", \"None\"",
        "'dnsPolicy':'None' | dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy`"
            + " is None",
        "'dnsConfig':{'nameservers':['1.1.1.1','1.1.1.2','1.1.1.3','1.1.1.4']} |"
            + " dnsConfig.nameservers: Invalid value:"
            + " [\"1.1.1.1\",\"1.1.1.2\",\"1.1.1.3\",\"1.1.1.4\"]: must not have more than 3"
            + " nameservers",
        "'dnsConfig':{'nameservers':['one']} | dnsConfig.nameservers[0]: Invalid value: \"one\":"
            + " must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        "'dnsConfig':{'options':[{'value':'2'}]} | dnsConfig.options[0]: Required value: must not"
            + " be empty",
        "'hostAliases':[{'ip':'1.2.3'}] | hostAliases[0].ip: Invalid value: \"1.2.3\": must be a"
            + " valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        "'schedulingGates':[{'name':'a'},{'name':'a'}] | schedulingGates[1]: Duplicate value:"
            + " \"a\"",
        "'preemptionPolicy':'Maybe' | preemptionPolicy: Unsupported value: \"Maybe\": supported"
            + " values: \"Never\", \"PreemptLowerPriority\"",
        "'securityContext':{'supplementalGroups':[-1]} | securityContext.supplementalGroups[0]:"
            + " Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "'securityContext':{'fsGroupChangePolicy':'Maybe'} | securityContext.fsGroupChangePolicy:"
            + " Unsupported value: \"Maybe\": supported values: \"Always\", \"OnRootMismatch\"",
        "'hostPID':true,'shareProcessNamespace':true | securityContext.shareProcessNamespace:"
            + " Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
        "'volumes':[{'name':'v','ephemeral':{'volumeClaimTemplate':{'metadata':{'name':'n'},'spec':"
            + "{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1'}}}}}}] |"
            + " volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set",
        "'volumes':[{'name':'v','ephemeral':{'volumeClaimTemplate':{'metadata':{'labels':{'a':'b'},"
            + "'creationTimestamp':null},'spec':{'resources':{'requests':{'storage':'1'}}}}}}] |"
            + " volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least"
            + " 1 access mode is required",
        "'os':{'name':'plan9'} | os: Unsupported value: \"plan9\": supported values: \"linux\","
            + " \"windows\"",
        "'resourceClaims':[{'name':'gpu'}] | resourceClaims[0]: Invalid value: {\"name\":\"gpu\"}:"
            + " must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
        "'initContainers':[{'name':'i','image':'x','restartPolicy':'Maybe'}] |"
            + " initContainers[0].restartPolicy: Unsupported value: \"Maybe\": supported values:"
            + " \"Always\", \"Never\", \"OnFailure\"",
        "'initContainers':[{'name':'i','image':'x','lifecycle':{'preStop':{'exec':{'command':['x']}}}}]"
            + " | initContainers[0].lifecycle: Forbidden: may not be set for init containers"
            + " without restartPolicy=Always",
        "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'k','operator':'In'}]}]}}}"
            + " | affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values:"
            + " Required value: must be specified when `operator` is 'In' or 'NotIn'",
        "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.uid','operator':'In','values':['n']}]}]}}}"
            + " | affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key:"
            + " Invalid value: \"metadata.uid\": not a valid field selector key",
        "'affinity':{'nodeAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':101,'preference':{}}]}}"
            + " | affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight:"
            + " Invalid value: 101: must be in the range 1-100",
        "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'z','whenUnsatisfiable':'ScheduleAnyway','minDomains':2}]"
            + " | topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use"
            + " minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
        "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'z','whenUnsatisfiable':'ScheduleAnyway'},{'maxSkew':2,'topologyKey':'z','whenUnsatisfiable':'ScheduleAnyway'}]"
            + " | topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value:"
            + " \"{z, ScheduleAnyway}\"",
        "'volumes':[{'name':'d','downwardAPI':{'items':[{'path':'l','fieldRef':{'fieldPath':'status.podIP'}}]}}]"
            + " | volumes[0].downwardAPI.items[0].fieldRef.fieldPath: Unsupported value:"
            + " \"status.podIP\": supported values: \"metadata.annotations\", \"metadata.labels\","
            + " \"metadata.name\", \"metadata.namespace\", \"metadata.uid\"",
        "'volumes':[{'name':'d','downwardAPI':{'items':[{'path':'l','resourceFieldRef':{'resource':'limits.cpu'}}]}}]"
            + " | volumes[0].downwardAPI.items[0].resourceFieldRef.containerName: Required value",
        "'volumes':[{'name':'e','emptyDir':{'sizeLimit':'-1'}}] | volumes[0].emptyDir.sizeLimit:"
            + " Forbidden: SizeLimit field must be a valid resource quantity",
        "'volumes':[{'name':'t','projected':{'sources':[{'serviceAccountToken':{'path':'..token'}}]}}]"
            + " | volumes[0].projected.sources[0].serviceAccountToken.path: Invalid value:"
            + " \"..token\": must not start with '..'",
      })
  void saysWhatIsWrongWithPods(String fields, String problem) {
    assertThat(problems(PLAIN + "," + fields)).containsExactly("spec." + problem);
  }

  @Test
  void labelKeysAreMatchedOnceAndNotTheOtherWayRound() {
    String term =
        "'affinity':{'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{"
            + "'topologyKey':'t','namespaces':['A'],'labelSelector':{'matchLabels':{'a':'b'},"
            + "'matchExpressions':[{'key':'a','operator':'Exists'}]},"
            + "'matchLabelKeys':['a','c'],'mismatchLabelKeys':['c']}]}}";
    String at = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
    assertThat(problems(PLAIN + "," + term))
        .anySatisfy(problem -> assertThat(problem).startsWith(at + ".namespace: Invalid value"))
        .contains(
            at + "[0]: Invalid value: \"a\": exists in both matchLabelKeys and labelSelector",
            at
                + ".matchLabelKeys[1]: Invalid value: \"c\": exists in both matchLabelKeys and"
                + " mismatchLabelKeys");
  }

  @Test
  void onlyPodsHaveImagesWithoutBlanksAndContainersThatLookOn() {
    String spec =
        "{"
            + PLAIN.replace("'x'", "' ','imagePullPolicy':'Always'")
            + ",'ephemeralContainers':[{'name':'d','image':'x','imagePullPolicy':'Always'}]}";
    List<FieldError> errors = new ArrayList<>();
    ObjectNode template =
        Json.parseObject(
            ("{'metadata':{'labels':{'a b':''},'annotations':{'c d':''}},'spec':" + spec + "}")
                .replace('\'', '"'));
    new PodSpecRules(errors).checkTemplate(template, "spec.template");
    assertThat(errors.stream().map(FieldError::field))
        .containsExactly(
            "spec.template.labels",
            "spec.template.annotations",
            "spec.template.spec.ephemeralContainers");
    assertThat(problems(PLAIN.replace("'x'", "' '")))
        .containsExactly(
            "spec.containers[0].image: Invalid value: \" \": must not have leading or trailing"
                + " whitespace");
  }

  @Test
  void aContainerThatIsGoneLeavesThePortsOfItsHostAlone() {
    assertThat(
            problems(
                PLAIN
                    + ",'hostNetwork':true,'initContainers':[{'name':'i','image':'x','ports':"
                    + "[{'containerPort':1,'hostPort':2}]}]"))
        .isEmpty();
  }

  @Test
  void onePortOfAHostIsForOneContainer() {
    assertThat(
            problems(
                "'containers':[{'name':'a','image':'x','ports':[{'containerPort':1,'hostPort':80}]},"
                    + "{'name':'b','image':'x','ports':[{'containerPort':2,'hostPort':80},"
                    + "{'containerPort':3,'hostPort':80,'protocol':'UDP'}]}]"))
        .containsExactly("spec.containers[1].ports[0].hostPort: Duplicate value: \"TCP//80\"");
  }

  @Test
  void ephemeralContainersOnlyLookOn() {
    List<FieldError> errors = new ArrayList<>();
    new PodSpecRules(errors)
        .check(
            Json.parseObject(
                ("{"
                        + PLAIN
                        + ",'ephemeralContainers':[{'name':'d','image':'x',"
                        + "'imagePullPolicy':'Always','resources':{},'targetContainerName':'z',"
                        + "'lifecycle':{'preStop':{}},'volumeMounts':"
                        + "[{'name':'v','mountPath':'/v','subPath':'s'}]}],"
                        + "'volumes':[{'name':'v','emptyDir':{}}]}")
                    .replace("'image':'x'}]", "'image':'x','imagePullPolicy':'Always'}]")
                    .replace('\'', '"')),
            "spec");
    assertThat(errors.stream().map(FieldError::message))
        .containsExactly(
            "spec.ephemeralContainers[0].targetContainerName: Not found: \"z\"",
            "spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral"
                + " Container",
            "spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an"
                + " Ephemeral Container");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'os':{'name':'windows'},'hostPID':true | spec.hostPID: Forbidden: cannot be set for a"
            + " windows pod",
        "'os':{'name':'windows'},'securityContext':{'fsGroup':0} | spec.securityContext.fsGroup:"
            + " Forbidden: cannot be set for a windows pod",
        "'os':{'name':'linux'},'securityContext':{'windowsOptions':{}} |"
            + " spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a"
            + " linux pod",
        "'tolerations':[{'key':'a','value':'b c'}] | spec.tolerations[0].operator: Invalid value:"
            + " \"b c\": a valid label must be",
        "'dnsConfig':{'searches':['a_b.example.com.','.','_tcp.x','a..b']} |"
            + " spec.dnsConfig.searches[3]: Invalid value: \"a..b\": a lowercase RFC 1123"
            + " subdomain must consist of lower case alphanumeric characters, '_', '-' or '.'",
        "'hostNetwork':true,'securityContext':{'sysctls':[{'name':'net/ipv4/ip_forward'}]} |"
            + " spec.securityContext.sysctls[0].name: Invalid value: \"net/ipv4/ip_forward\": may"
            + " not be specified when 'hostNetwork' is true",
        "'hostIPC':true,'securityContext':{'sysctls':[{'name':'kernel.shmmax','value':'1'}]} |"
            + " spec.securityContext.sysctls[0].name: Invalid value: \"kernel.shmmax\": may not be"
            + " specified when 'hostIPC' is true",
        "'restartPolicy':'Never','initContainers':[{'name':'i','image':'x','resizePolicy':"
            + "[{'resourceName':'cpu','restartPolicy':'RestartContainer'}]}] |"
            + " spec.initContainers[0].resizePolicy: Invalid value: \"RestartContainer\": must be"
            + " 'NotRequired' when `restartPolicy` is 'Never'",
        "'os':{'name':'plan9'} | spec.os: Unsupported value: \"plan9\": supported values:"
            + " \"linux\", \"windows\"",
        "'securityContext':{'windowsOptions':{'hostProcess':true}} | spec.hostNetwork: Invalid"
            + " value: false: hostNetwork must be true if pod contains any hostProcess containers",
        "'hostUsers':false,'hostNetwork':true | spec.hostNetwork: Forbidden: when `hostUsers` is"
            + " false",
        "'runtimeClassName':'A' | spec.runtimeClassName: Invalid value: \"A\": a lowercase RFC",
        "'overhead':{'gpu':'1'} | spec.overhead.limits[gpu]: Invalid value: \"gpu\": must be a"
            + " standard resource for containers",
        "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
            + "{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'Near'}]}]}}} |"
            + " spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
            + ".nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: \"Near\": not a"
            + " valid selector operator",
        "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
            + "{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'In',"
            + "'values':['-']}]}]}}} |"
            + " spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
            + ".nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"-\": a valid"
            + " label must be",
      })
  void saysWhatIsWrongWithAPod(String fields, String problem) {
    assertThat(problems(PLAIN + "," + fields.replace('`', '\'')))
        .singleElement()
        .satisfies(message -> assertThat(message).startsWith(problem));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'lifecycle':{'stopSignal':'SIGUSR1'} | '' | .lifecycle.stopSignal: Forbidden: may not be"
            + " set for containers with empty `spec.os.name`",
        "'lifecycle':{'stopSignal':'SIGUSR1'} | 'os':{'name':'windows'} | .lifecycle.stopSignal:"
            + " Unsupported value: \"SIGUSR1\": supported values: \"SIGKILL\", \"SIGTERM\"",
        "'securityContext':{'runAsUser':0} | 'os':{'name':'windows'} | .securityContext.runAsUser:"
            + " Forbidden: cannot be set for a windows pod",
        "'resources':{'limits':{'hugepages-2Mi':'4Mi'}} | '' | .resources: Forbidden: HugePages"
            + " require cpu or memory",
        "'resources':{'limits':{'cpu':'1','hugepages-2Mi':'3Mi'},'requests':{'hugepages-2Mi':'3Mi'}}"
            + " | '' | .resources.limits: Invalid value: \"3Mi\": 3Mi is not positive integer"
            + " multiple of hugepages-2Mi",
        "'resources':{'limits':{'example.com/gpu':'1500m'}} | '' |"
            + " .resources.limits[example.com/gpu]: Invalid value: \"1500m\": must be an integer",
        "'resources':{'limits':{'example.com/gpu':'2'},'requests':{'example.com/gpu':'1'}} | '' |"
            + " .resources.requests: Invalid value: \"1\": must be equal to example.com/gpu limit"
            + " of 2",
        "'resources':{'requests':{'example.com/gpu':'1'}} | '' | .resources.limits: Required"
            + " value: Limit must be set for non overcommitable resources",
      })
  void saysWhatIsWrongWithAContainerOfAPod(String fields, String pod, String problem) {
    String spec = container(fields) + (pod.equals("''") ? "" : "," + pod);
    assertThat(problems(spec))
        .first()
        .satisfies(message -> assertThat(message).startsWith("spec.containers[0]" + problem));
  }

  @Test
  void aSignalNeedsItsSystem() {
    assertThat(
            problems(container("'lifecycle':{'stopSignal':'SIGUSR1'}") + ",'os':{'name':'linux'}"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "{'limits':{'cpu':'2','memory':'1Gi'},'requests':{'cpu':'1'}} # 500m # 2 # ",
        "{'limits':{'cpu':'2'}} # 500m # 3 # spec.resources.containers[0][cpu].limits: Invalid"
            + " value: \"3\": must be less than or equal to pod limits of 2",
        "{'requests':{'cpu':'250m'}} # 500m # 3 # spec.resources.requests[cpu]: Invalid value:"
            + " \"250m\": must be greater than or equal to aggregate container requests of 500m",
        "{'limits':{'cpu':'1'},'requests':{'cpu':'2'}} # 500m # 1 # spec.resources.requests:"
            + " Invalid value: \"2\": must be less than or equal to cpu limit of 1",
        "{'limits':{'ephemeral-storage':'1'}} # 1 # 1 # spec.resources.limits[ephemeral-storage]:"
            + " Unsupported value: \"ephemeral-storage\": supported values: \"cpu\","
            + " \"hugepages-\", \"memory\"",
      })
  void aPodAsAWholeCoversItsContainers(
      String own, String request, String limit, @Nullable String problem) {
    String container =
        "'containers':[{'name':'a','image':'x','resources':{'requests':{'cpu':'%s'},'limits':{'cpu':'%s'}}}]"
            .formatted(request, limit);
    assertThat(problems("'resources':" + own + "," + container))
        .isEqualTo(problem == null ? List.of() : List.of(problem));
  }
}
