package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A kind of one's own, as the operators that people install bring theirs. */
@ExtendWith(SharedCluster.class)
final class CustomResourceEndToEndTest {
  private static final String DEFINITION =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: widgets.example.com}
      spec:
        group: example.com
        scope: Namespaced
        names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
        versions:
        - name: v1
          served: true
          storage: true
          additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
          subresources:
            status: {}
            scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
          schema:
            openAPIV3Schema:
              type: object
              properties:
                spec:
                  type: object
                  required: [size]
                  x-kubernetes-validations:
                  - {rule: self.size >= oldSelf.size, message: a widget never shrinks}
                  properties:
                    size: {type: integer, minimum: 1, description: How large it is.}
                    replicas: {type: integer, default: 2}
                status: {type: object, properties: {replicas: {type: integer}}}
      """;
  private static final String WIDGET =
      "---\n{apiVersion: example.com/v1, kind: Widget, metadata: {name: one}, spec: {size: %s}}";

  private static final String SHIPS = "v1.ships.example.com";
  private static final String BOATS =
      """
      {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "ships.example.com/v1",
       "resources": [{"name": "boats", "singularName": "boat", "namespaced": true, "kind": "Boat",
                      "verbs": ["get", "list"]}]}
      """;
  private static final String BOATS_INDEX =
      """
      {"paths": {"apis/ships.example.com/v1": {
        "serverRelativeURL": "/openapi/v3/apis/ships.example.com/v1?hash=1"}}}
      """;
  private static final String BOATS_DOCUMENT =
      """
      {"openapi": "3.0.0", "info": {"title": "ships", "version": "v1"},
       "paths": {"/apis/ships.example.com/v1/boats": {"get": {
         "x-kubernetes-action": "list",
         "x-kubernetes-group-version-kind":
           {"group": "ships.example.com", "version": "v1", "kind": "Boat"},
         "responses": {"200": {"description": "OK"}}}}},
       "components": {"schemas": {"com.example.ships.v1.Boat": {
         "type": "object", "description": "A boat floats.",
         "x-kubernetes-group-version-kind":
           [{"group": "ships.example.com", "version": "v1", "kind": "Boat"}],
         "properties": {"spec": {"type": "object", "properties": {
           "length": {"type": "integer", "description": "From bow to stern."}}}}}}}}
      """;

  @TempDir Path directory;

  private String widgetFile() {
    return widgetFile("one");
  }

  private String widgetFile(String name) {
    String widget = WIDGET.formatted("3").replace("name: one", "name: " + name);
    try {
      return Files.writeString(directory.resolve("widget.yaml"), widget).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void define(Cluster cluster) {
    cluster.apply("default", DEFINITION);
    cluster.kubectl(
        "wait", "--for=condition=Established", "crd/widgets.example.com", Cluster.PATIENTLY);
  }

  @AfterEach
  void forget(Cluster cluster) {
    cluster.kubectl("delete", "crd", "widgets.example.com", "--ignore-not-found");
  }

  @Test
  void itIsServedFromTheMomentItIsEstablished(Cluster cluster, @TempDir Path directory)
      throws IOException {
    cluster.apply("default", WIDGET.formatted("3"));
    assertThat(cluster.kubectl("get", "wd")).contains("SIZE").contains("one").contains("3");
    assertThat(cluster.kubectl("explain", "widget.spec.size")).contains("How large it is.");
    assertThat(cluster.kubectl("get", "--raw", "/openapi/v2"))
        .contains("\"com.example.v1.Widget\"")
        .contains("How large it is.");
    cluster.kubectl("scale", "widget", "one", "--replicas=5");
    assertThat(cluster.json("widget", "one").at("/spec/replicas").asInt()).isEqualTo(5);
    // Clients that name no revision, as fabric8's, mean whatever there is.
    Path scale =
        Files.writeString(
            directory.resolve("scale.json"),
            "{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"Scale\",\"metadata\":{\"name\":\"one\","
                + "\"namespace\":\"default\"},\"spec\":{\"replicas\":6}}");
    String path = "/apis/example.com/v1/namespaces/default/widgets/one/scale";
    cluster.kubectl("replace", "--raw", path, "-f", scale.toString());
    assertThat(cluster.json("widget", "one").at("/spec/replicas").asInt()).isEqualTo(6);
    cluster.kubectl(
        "patch",
        "widget",
        "one",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"status\":{\"replicas\":4}}");
    assertThat(cluster.json("widget", "one").at("/status/replicas").asInt()).isEqualTo(4);
  }

  @Test
  void whatItsSchemaForbidsIsRefused(Cluster cluster) {
    cluster.apply("default", WIDGET.formatted("3"));
    Shell.Outcome outcome =
        cluster.tryKubectl(
            "patch", "widget", "one", "--type=merge", "-p", "{\"spec\":{\"size\":0}}");
    assertThat(outcome.errors()).contains("spec.size in body should be greater than or equal to 1");
  }

  @Test
  void aWebhookThatCannotBeAskedHoldsItsObjectsBackAsItsPolicySays(Cluster cluster) {
    cluster.apply(
        "default",
        """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingWebhookConfiguration
        metadata: {name: widgets}
        webhooks:
        - name: widgets.example.com
          sideEffects: None
          admissionReviewVersions: [v1]
          clientConfig: {service: {namespace: default, name: nobody}}
          rules:
          - {operations: [CREATE], apiGroups: [example.com], apiVersions: ["*"], resources: ["*"]}
        """);
    try {
      // The server learns of the configuration a moment after it was stored.
      Cluster.eventually(
          "widgets are held back",
          () ->
              cluster
                  .tryKubectl("create", "--dry-run=server", "-f", widgetFile())
                  .errors()
                  .contains("failed calling webhook \"widgets.example.com\""));
      cluster.kubectl(
          "patch",
          "validatingwebhookconfiguration",
          "widgets",
          "--type=json",
          "-p",
          "[{\"op\":\"replace\",\"path\":\"/webhooks/0/failurePolicy\",\"value\":\"Ignore\"}]");
      Cluster.eventually(
          "widgets pass",
          () ->
              cluster.tryKubectl("create", "--dry-run=server", "-f", widgetFile()).exitCode() == 0);
    } finally {
      cluster.kubectl("delete", "validatingwebhookconfiguration", "widgets");
    }
  }

  @Test
  void aQuotaCountsThem(Cluster cluster) {
    cluster.kubectl("create", "namespace", "counted");
    try {
      cluster.apply(
          "counted",
          "---\n{apiVersion: v1, kind: ResourceQuota, metadata: {name: few}, spec: {hard: {"
              + "count/widgets.example.com: 1, count/ingresses.networking.k8s.io: 0}}}");
      Cluster.eventually("nothing is used", () -> used(cluster).equals("0 0"));
      cluster.apply("counted", WIDGET.formatted("3"));
      Shell.Outcome second =
          cluster.tryKubectl("create", "-n", "counted", "-f", widgetFile("another"));
      assertThat(second.errors())
          .contains(
              "exceeded quota: few, requested: count/widgets.example.com=1, used:"
                  + " count/widgets.example.com=1, limited: count/widgets.example.com=1");
      assertThat(
              cluster
                  .tryKubectl(
                      "create", "-n", "counted", "ingress", "none", "--rule=a.example.com/*=b:80")
                  .errors())
          .contains("exceeded quota: few, requested: count/ingresses.networking.k8s.io=1");
      cluster.kubectl("delete", "-n", "counted", "widget", "one");
      Cluster.eventually("what is gone is given back", () -> used(cluster).equals("0 0"));
    } finally {
      cluster.kubectl("delete", "namespace", "counted");
    }
  }

  private static String used(Cluster cluster) {
    JsonNode used = cluster.json("-n", "counted", "quota", "few").at("/status/used");
    return used.path("count/widgets.example.com").asString("?")
        + " "
        + used.path("count/ingresses.networking.k8s.io").asString("?");
  }

  private static String service(HostServer beside) {
    return """
    ---
    {apiVersion: v1, kind: Service, metadata: {name: boats}, spec: {ports: [{port: 443}]}}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: boats, labels: {kubernetes.io/service-name: boats}}
    addressType: IPv4
    ports: [{name: "", port: %s}]
    endpoints: [{addresses: [%s]}]
    ---
    apiVersion: apiregistration.k8s.io/v1
    kind: APIService
    metadata: {name: v1.ships.example.com}
    spec:
      group: ships.example.com
      version: v1
      groupPriorityMinimum: 1000
      versionPriority: 10
      caBundle: %s
      service: {namespace: default, name: boats}
    """
        .formatted(
            beside.port(),
            beside.host(),
            Base64.getEncoder()
                .encodeToString(beside.authority().getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void whatAnotherServersKindIsToldOfIsToldHere(Cluster cluster) throws IOException {
    try (HostServer beside = HostServer.beside(cluster, "boats.default.svc")) {
      beside
          .serve("/apis/ships.example.com/v1", BOATS)
          .serve("/openapi/v3", BOATS_INDEX)
          .serve("/openapi/v3/apis/ships.example.com/v1", BOATS_DOCUMENT);
      cluster.apply("default", service(beside));
      cluster.kubectl(
          "wait", "--for=condition=Available", "apiservice/" + SHIPS, Cluster.PATIENTLY);
      Cluster.eventually(
          "the index names it",
          () ->
              cluster.kubectl("get", "--raw", "/openapi/v3").contains("apis/ships.example.com/v1"));
      assertThat(cluster.kubectl("explain", "boats.spec.length"))
          .contains("KIND:       Boat", "FIELD: length <integer>", "From bow to stern.");
      assertThat(cluster.kubectl("api-resources", "--api-group=ships.example.com"))
          .contains("boats", "Boat");
    } finally {
      cluster.kubectl("delete", "apiservice", SHIPS, "--ignore-not-found");
      cluster.kubectl("delete", "service,endpointslice", "boats", "--ignore-not-found");
    }
  }

  @Test
  void itsObjectsGoWithIt(Cluster cluster) {
    cluster.apply("default", WIDGET.formatted("3"));
    cluster.kubectl("delete", "crd", "widgets.example.com");
    Cluster.eventually(
        "they are served no more",
        () ->
            cluster
                .tryKubectl("get", "--raw", "/apis/example.com/v1/namespaces/default/widgets")
                .errors()
                .contains("the server could not find the requested resource"));
    define(cluster);
    assertThat(cluster.json("widgets").path("items")).isEmpty();
  }
}
