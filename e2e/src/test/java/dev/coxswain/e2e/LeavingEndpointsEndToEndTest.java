package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pod that is going serves as long as nobody else can: anywhere, or on its node. */
@ExtendWith(SharedCluster.class)
final class LeavingEndpointsEndToEndTest {
  private static final String NAMESPACE = "leaving-endpoints";
  private static final String ANYWHERE = "http://anywhere";
  private static final String HERE = "http://here";

  private static Cluster cluster;
  private static String first;
  private static String last;

  @BeforeAll
  static void begin(Cluster shared) {
    cluster = shared;
    first = cluster.nodes().getFirst();
    last = cluster.nodes().getLast();
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.create(cluster, NAMESPACE);
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: anywhere}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: here}
        spec:
          selector: {app: web}
          internalTrafficPolicy: Local
          ports: [{port: 80, targetPort: 8080}]
        """);
    web("leaving", last);
    Visitors.awaitReady(cluster, NAMESPACE);
  }

  @AfterAll
  static void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  /** A server that takes its time to go. */
  private static void web(String name, String node) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, labels: {app: web}}
        spec:
          nodeSelector: {kubernetes.io/hostname: %s}
          terminationGracePeriodSeconds: 600
          containers:
            - name: web
              image: coxswain/demo:1
              readinessProbe: {httpGet: {path: /readyz, port: 8080}, periodSeconds: 1}
              lifecycle: {preStop: {exec: {command: [sleep, "600"]}}}
        """
            .formatted(name, node));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "--for=condition=Ready", "pod/" + name, Cluster.PATIENTLY);
  }

  private static void answers(String node, String address, String pod) {
    Cluster.eventually(
        address + " on " + node + " is answered by " + pod,
        () ->
            cluster
                .tryKubectl(
                    "-n",
                    NAMESPACE,
                    "exec",
                    "visitor-" + node,
                    "--",
                    "timeout",
                    "5",
                    "wget",
                    "-qO-",
                    address)
                .output()
                .contains(pod));
    assertThat(Visitors.ask(cluster, NAMESPACE, node, address, 10)).isEqualTo(Set.of(pod));
  }

  private static void vanish(String pod) {
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", pod, "--grace-period=0", "--force");
  }

  @Test
  void thePodThatGoesServesUntilAnotherDoes() {
    answers(first, ANYWHERE, "leaving");
    answers(last, ANYWHERE, "leaving");
    answers(last, HERE, "leaving");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "leaving", "--wait=false");
    Cluster.eventually(
        "the slices say that it goes",
        () ->
            cluster
                .kubectl(
                    "-n",
                    NAMESPACE,
                    "get",
                    "endpointslices",
                    "-o",
                    "jsonpath={.items[*].endpoints[*].conditions}")
                .matches("(\\{\"ready\":false,\"serving\":true,\"terminating\":true\\} ?){2}"));
    assertThat(Visitors.ask(cluster, NAMESPACE, first, ANYWHERE, 10)).isEqualTo(Set.of("leaving"));
    assertThat(Visitors.ask(cluster, NAMESPACE, last, HERE, 10)).isEqualTo(Set.of("leaving"));

    web("staying", first);
    answers(last, ANYWHERE, "staying");
    answers(first, HERE, "staying");
    // On its node there is still nobody else.
    assertThat(Visitors.ask(cluster, NAMESPACE, last, HERE, 10)).isEqualTo(Set.of("leaving"));
    vanish("leaving");
    Cluster.eventually(
        "nobody serves on the node any more",
        () ->
            cluster
                    .tryKubectl(
                        "-n",
                        NAMESPACE,
                        "exec",
                        "visitor-" + last,
                        "--",
                        "timeout",
                        "5",
                        "wget",
                        "-qO-",
                        HERE)
                    .exitCode()
                != 0);
    vanish("staying");
  }
}
