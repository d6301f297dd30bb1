package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Objects of the small kinds, as they are created and printed. Quotes are apostrophes. */
class CoreKindsTest {
  private static final ResourceRegistry REGISTRY =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));
  private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

  private static ResourceType type(String resource) {
    return REGISTRY.all().stream()
        .filter(type -> type.resource().toString().equals(resource))
        .findFirst()
        .orElseThrow();
  }

  private static ObjectNode created(ResourceType type, String json) {
    ObjectNode object = Json.parseObject(json.replace('\'', '"'));
    type.strategy().prepareForCreate(object);
    type.strategy().fillDefaults(object);
    return object;
  }

  /** What is left of an object that was sent to {@code /status}. */
  private static ObjectNode statusUpdated(String resource, String sent, String stored) {
    ObjectNode object = Json.parseObject(sent.replace('\'', '"'));
    type(resource)
        .strategy()
        .prepareForStatusUpdate(object, Json.parseObject(stored.replace('\'', '"')));
    return object;
  }

  @ParameterizedTest
  @CsvSource({
    "ingresses.networking.k8s.io, true, true",
    "namespaces, true, true",
    "deployments.apps, true, false",
    "customresourcedefinitions.apiextensions.k8s.io, false, false",
  })
  void aStatusBringsItsAnnotationsAndLabels(String resource, boolean annotations, boolean labels) {
    ObjectNode updated =
        statusUpdated(
            resource,
            "{'metadata': {'name': 'a', 'annotations': {'new': '1'}, 'labels': {'new': '1'}},"
                + " 'spec': {'new': 1}, 'status': {'new': 1}}",
            "{'metadata': {'name': 'a', 'labels': {'old': '1'}}, 'spec': {'old': 1}}");
    assertThat(updated.path("metadata").path("annotations").has("new")).isEqualTo(annotations);
    assertThat(updated.path("metadata").path("labels").has("new")).isEqualTo(labels);
    assertThat(updated.path("spec").has("old")).isTrue();
    assertThat(updated.path("status").has("new")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'source': {'component': 'kubelet'}} | kubelet",
        "{'reportingComponent': 'default-scheduler'} | default-scheduler",
        "{} | ``",
      })
  void anEventIsSelectedByWhoeverReportedIt(String json, String source) {
    ObjectNode event = Json.parseObject(json.replace('\'', '"'));
    assertThat(EventKinds.FIELDS.values(event)).containsEntry("source", source);
  }

  @ParameterizedTest
  @CsvSource({
    "nodes, spec.unschedulable, false",
    "pods, spec.hostNetwork, false",
    "replicationcontrollers, status.replicas, 0",
    "replicasets.apps, status.replicas, 0",
    "jobs.batch, status.successful, 0",
  })
  void whatIsLeftOutIsSelectedAsZero(String resource, String field, String value) {
    assertThat(type(resource).selectableFields().values(Json.parseObject("{}")))
        .containsEntry(field, value);
  }

  @Test
  void anEventIsSelectedByTheNamesOfItsOwnGroupToo() {
    ObjectNode stored =
        Json.parseObject(
            "{\"reportingComponent\": \"me\", \"involvedObject\": {\"kind\": \"Pod\"}}");
    assertThat(type("events.events.k8s.io").selectableFields().values(stored))
        .containsEntry("reportingController", "me")
        .containsEntry("regarding.kind", "Pod");
  }

  @Test
  void aServiceThatBecomesANameLetsGoOfItsAddress() {
    ObjectNode old =
        Json.parseObject(
            """
            {"spec": {"type": "ClusterIP", "clusterIP": "10.96.0.5", "clusterIPs": ["10.96.0.5"]}}
            """);
    ObjectNode now =
        Json.parseObject(
            """
            {"spec": {"type": "ExternalName", "externalName": "a.b", "clusterIPs": ["10.96.0.5"]}}
            """);
    type("services").strategy().prepareForUpdate(now, old);
    assertThat(now.path("spec").has("clusterIPs")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"NodePort, ExternalName", "LoadBalancer, ClusterIP", "LoadBalancer, ExternalName"})
  void aServiceThatIsNoLongerReachedFromOutsideLetsGoOfWhatItNeededForIt(String was, String is) {
    String rest =
        """
        "externalName": "a.b", "externalTrafficPolicy": "Cluster",
        "ports": [{"port": 80, "nodePort": 30001}]}}
        """;
    ObjectNode old = Json.parseObject("{\"spec\": {\"type\": \"" + was + "\"," + rest);
    ObjectNode now = Json.parseObject("{\"spec\": {\"type\": \"" + is + "\"," + rest);
    type("services").strategy().fillDefaults(now);
    type("services").strategy().prepareForUpdate(now, old);
    assertThat(now.path("spec").has("externalTrafficPolicy")).isFalse();
    assertThat(now.path("spec").path("ports").get(0).has("nodePort")).isFalse();
    assertThat(problems(type("services").strategy().validate(now))).isEmpty();
  }

  @Test
  void whatAClientSetsAnewOnSuchAServiceIsRefused() {
    ObjectNode old =
        Json.parseObject("{\"spec\": {\"type\": \"NodePort\", \"ports\": [{\"port\": 80}]}}");
    ObjectNode now =
        Json.parseObject(
            """
            {"spec": {"type": "ClusterIP", "externalTrafficPolicy": "Local",
            "ports": [{"port": 80, "nodePort": 30001}]}}
            """);
    type("services").strategy().fillDefaults(now);
    type("services").strategy().prepareForUpdate(now, old);
    assertThat(problems(type("services").strategy().validate(now))).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"PreferClose, 0", "PreferSameZone, 0", "PreferSameNode, 0", "Nearest, 1"})
  void aServiceNamesAKnownWayToItsEndpoints(String distribution, int problems) {
    ObjectNode service =
        Json.parseObject(
            "{\"spec\": {\"type\": \"ClusterIP\", \"ports\": [{\"port\": 80}],"
                + " \"trafficDistribution\": \""
                + distribution
                + "\"}}");
    type("services").strategy().fillDefaults(service);
    assertThat(problems(type("services").strategy().validate(service))).hasSize(problems);
  }

  private static List<String> problems(List<FieldError> errors) {
    return errors.stream().map(FieldError::message).toList();
  }

  private static String row(ResourceType type, ObjectNode object) {
    return String.join(
        " | ", type.columns().stream().map(c -> String.valueOf(c.cell().of(object, NOW))).toList());
  }

  @Test
  void servicesGetTheirDefaults() {
    ResourceType services = type("services");
    ObjectNode service =
        created(
            services,
            "{'metadata':{'name':'s'},'spec':{'selector':{'a':'b'},'ports':[{'port':80}]}}");
    assertThat(services.strategy().validate(service)).isEmpty();
    assertThat(service.path("spec"))
        .isEqualTo(
            Json.parse(
                """
                {'selector':{'a':'b'},'ports':[{'port':80,'protocol':'TCP','targetPort':80}],
                'sessionAffinity':'None','type':'ClusterIP','internalTrafficPolicy':'Cluster',
                'ipFamilyPolicy':'SingleStack','ipFamilies':['IPv4']}\
                """
                    .replace('\'', '"')));
    ((ObjectNode) service.path("spec")).put("clusterIP", "10.96.0.7");
    assertThat(row(services, service))
        .isEqualTo("s | ClusterIP | 10.96.0.7 | <none> | 80/TCP | <unknown> | a=b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "services | {'spec':{}} | spec.ports: Required value",
        "services | {'spec':{'ports':[{'port':80},{'port':81,'name':'b'}]}} | spec.ports[0].name:"
            + " Required value",
        "services | {'spec':{'ports':[{'port':0,'targetPort':80}]}} | spec.ports[0].port: Invalid"
            + " value: 0: must be between 1 and 65535, inclusive",
        "services | {'spec':{'type':'Magic','ports':[{'port':1}]}} | spec.type: Unsupported value:"
            + " \"Magic\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\","
            + " \"NodePort\"",
        "configmaps | {'data':{'a b':'x'}} | data[a b]: Invalid value: \"a b\": a valid config key"
            + " must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or"
            + " 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        "secrets | {'type':'kubernetes.io/tls','data':{'tls.key':''}} | data[tls.crt]: Required"
            + " value",
        "roles.rbac.authorization.k8s.io | {'rules':[{'apiGroups':[''],'resources':['pods']}]} |"
            + " rules[0].verbs: Required value: verbs must contain at least one value",
        "rolebindings.rbac.authorization.k8s.io | {'roleRef':{'kind':'Robe','name':'x'}} |"
            + " roleRef.kind: Unsupported value: \"Robe\": supported values: \"ClusterRole\","
            + " \"Role\"",
        "events | {'metadata':{'namespace':'a'},'involvedObject':{'namespace':'b'}} |"
            + " involvedObject.namespace: Invalid value: \"b\": does not match event.namespace",
        "nodes | {'spec':{'taints':[{'key':'a','effect':'Never'}]}} | spec.taints[0].effect:"
            + " Unsupported value: \"Never\": supported values: \"NoExecute\", \"NoSchedule\","
            + " \"PreferNoSchedule\"",
        "leases.coordination.k8s.io | {'spec':{'leaseDurationSeconds':0}} |"
            + " spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
      })
  void saysWhatIsWrong(String resource, String json, String problem) {
    ResourceType type = type(resource);
    assertThat(problems(type.strategy().validate(created(type, json)))).containsExactly(problem);
  }

  @Test
  void secretsTakePlainTexts() {
    ObjectNode secret =
        created(type("secrets"), "{'data':{'a':'eA=='},'stringData':{'a':'hi','b':'ho'}}");
    assertThat(secret.toString())
        .isEqualTo("{\"data\":{\"a\":\"aGk=\",\"b\":\"aG8=\"},\"type\":\"Opaque\"}");
  }

  @Test
  void frozenDataStays() {
    ResourceType type = type("configmaps");
    ObjectNode old = created(type, "{'immutable':true,'data':{'a':'b'}}");
    ObjectNode changed = created(type, "{'data':{'a':'c'}}");
    assertThat(problems(type.strategy().validateUpdate(changed, old)))
        .containsExactly(
            "immutable: Forbidden: field is immutable when `immutable` is set",
            "data: Forbidden: field is immutable when `immutable` is set");
  }

  @Test
  void namespacesStayUntilTheyAreEmpty() {
    ResourceType type = type("namespaces");
    ObjectNode namespace = created(type, "{'metadata':{'name':'a'}}");
    assertThat(namespace.toString())
        .isEqualTo(
            "{\"metadata\":{\"name\":\"a\",\"labels\":{\"kubernetes.io/metadata.name\":\"a\"}},"
                + "\"status\":{\"phase\":\"Active\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}");
    assertThat(type.strategy().mayBeRemoved(namespace)).isFalse();
    ObjectNode going = namespace.deepCopy();
    type.strategy().markDeleted(going);
    assertThat(row(type, going)).startsWith("a | Terminating | ");
    ObjectNode stripped = going.deepCopy();
    ((ObjectNode) stripped.path("spec")).putArray("finalizers");
    ObjectNode updated = stripped.deepCopy();
    type.strategy().prepareForUpdate(updated, going);
    assertThat(type.strategy().mayBeRemoved(updated)).isFalse();
    Subresource.Edit finalize = (Subresource.Edit) type.subresource("finalize").orElseThrow();
    finalize.strategy().prepareForUpdate(stripped, going);
    assertThat(type.strategy().mayBeRemoved(stripped)).isTrue();
    assertThat(stripped.at("/status/phase").asString()).isEqualTo("Terminating");
  }

  @Test
  void nodesRegisterWithTheirStatus() {
    ResourceType type = type("nodes");
    ObjectNode node =
        created(
            type,
            """
            {'metadata':{'name':'n','labels':{'node-role.kubernetes.io/control-plane':''}},
            'spec':{'podCIDR':'10.244.1.0/24','unschedulable':true},'status':{'capacity':{'cpu':'4'},
            'conditions':[{'type':'Ready','status':'True'}],'nodeInfo':{'kubeletVersion':'v1.34.1'},
            'addresses':[{'type':'InternalIP','address':'10.0.0.9'}]}}\
            """);
    assertThat(node.at("/status/allocatable/cpu").asString()).isEqualTo("4");
    assertThat(node.at("/spec/podCIDRs/0").asString()).isEqualTo("10.244.1.0/24");
    assertThat(row(type, node))
        .isEqualTo(
            "n | Ready,SchedulingDisabled | control-plane | <unknown> | v1.34.1 | 10.0.0.9 |"
                + " <none> | <unknown> | <unknown> | <unknown>");
  }

  @Test
  void eventsAreTheSameInBothGroups() {
    ResourceType own = type("events.events.k8s.io");
    ObjectNode event =
        Json.parseObject(
            """
            {"apiVersion":"events.k8s.io/v1","kind":"Event","note":"hello","regarding":
            {"kind":"Pod","name":"p"},"deprecatedCount":2,
            "deprecatedLastTimestamp":"2026-01-01T00:00:00Z"}\
            """);
    ObjectNode stored = event.deepCopy();
    own.conversion().toStored(stored);
    assertThat(stored.path("apiVersion").asString()).isEqualTo("v1");
    assertThat(row(type("events"), stored)).startsWith("10m |  |  | pod/p |  |  | hello | ");
    own.conversion().fromStored(stored);
    assertThat(stored).isEqualTo(event);
    assertThat(own.storedResource()).isEqualTo(type("events").resource());
  }

  @Test
  void autoscalersSurviveTheFirstVersion() {
    ResourceType first =
        REGISTRY.find("autoscaling", "v1", "horizontalpodautoscalers").orElseThrow();
    ResourceType second =
        REGISTRY.find("autoscaling", "v2", "horizontalpodautoscalers").orElseThrow();
    assertThat(first.storedKind()).isEqualTo(second.kind());
    ObjectNode scaler =
        created(
            first,
            "{'apiVersion':'autoscaling/v1','metadata':{'name':'h'},'spec':{'maxReplicas':5,"
                + "'scaleTargetRef':{'kind':'Deployment','name':'d'},"
                + "'targetCPUUtilizationPercentage':70}}");
    assertThat(first.strategy().validate(scaler)).isEmpty();
    ObjectNode stored = scaler.deepCopy();
    first.conversion().toStored(stored);
    assertThat(stored.at("/spec/metrics/0/resource/target/averageUtilization").asInt())
        .isEqualTo(70);
    assertThat(second.strategy().validate(stored)).isEmpty();
    assertThat(row(second, stored))
        .isEqualTo("h | Deployment/d | cpu: <unknown>/70% | 1 | 5 | 0 | <unknown>");
    first.conversion().fromStored(stored);
    assertThat(stored).isEqualTo(scaler);
    assertThat(row(first, stored))
        .isEqualTo("h | Deployment/d | cpu: <unknown>/70% | 1 | 5 | 0 | <unknown>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "persistentvolumeclaims |"
            + " {'metadata':{'name':'c'},'spec':{'volumeName':'v','storageClassName':'s'}} | c ;"
            + " Pending ; v ;  ;  ; s ; <unset> ; <unknown> ; Filesystem",
        "storageclasses.storage.k8s.io |"
            + " {'metadata':{'name':'s','annotations':{'storageclass.kubernetes.io/is-default-class':'true'}},'provisioner':'p'}"
            + " | s (default) ; p ; Delete ; Immediate ; false ; <unknown>",
        "ingresses.networking.k8s.io |"
            + " {'metadata':{'name':'i'},'spec':{'ingressClassName':'n','rules':[{'host':'a'},{'host':'b'}],'tls':[{}]}}"
            + " | i ; n ; a,b ;  ; 80, 443 ; <unknown>",
        "networkpolicies.networking.k8s.io |"
            + " {'metadata':{'name':'n'},'spec':{'podSelector':{'matchLabels':{'a':'b'}}}} | n ;"
            + " a=b ; <unknown>",
        "poddisruptionbudgets.policy | {'metadata':{'name':'b'},'spec':{'minAvailable':'50%'}} | b"
            + " ; 50% ; N/A ; 0 ; <unknown>",
        "priorityclasses.scheduling.k8s.io | {'metadata':{'name':'p'},'value':7} | p ; 7 ; false ;"
            + " <unknown> ; PreemptLowerPriority",
        "certificatesigningrequests.certificates.k8s.io |"
            + " {'metadata':{'name':'c'},'spec':{'signerName':'s','username':'u','expirationSeconds':3600}}"
            + " | c ; <unknown> ; s ; u ; 60m ; Pending",
        "apiservices.apiregistration.k8s.io |"
            + " {'metadata':{'name':'v1.x'},'spec':{'service':{'namespace':'n','name':'s'}}} | v1.x"
            + " ; n/s ; Unknown ; <unknown>",
      })
  void printsAsUpstream(String resource, String json, String row) {
    ResourceType type = type(resource);
    assertThat(row(type, created(type, json)).replace(" | ", " ; ")).isEqualTo(row);
  }
}
