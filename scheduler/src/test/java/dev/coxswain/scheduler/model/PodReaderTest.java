package dev.coxswain.scheduler.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PodReaderTest {
  @Test
  void aPodNeedsItsPeak() {
    PodInfo pod =
        read(
            """
            initContainers:
            - {name: first, image: i, resources: {requests: {cpu: "2", memory: 1Gi}}}
            - {name: sidecar, image: i, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
            - {name: second, image: i, resources: {requests: {cpu: 250m, memory: 2Gi}}}
            containers:
            - {name: a, image: i, resources: {requests: {cpu: 500m, memory: 512Mi}}}
            - {name: b, image: i, resources: {limits: {cpu: 300m, example.com/gpu: "2"}}}
            overhead: {memory: 64Mi}
            """);
    assertThat(pod.requests())
        .isEqualTo(new Resources(2000, (2L << 30) + (64L << 20), 0, Map.of("example.com/gpu", 2L)));
  }

  @Test
  void aPodMayClaimDevices() {
    assertThat(read("containers: [{name: a, image: i}]").devices()).isFalse();
    assertThat(
            read("{containers: [{name: a, image: i}], resourceClaims: [{name: gpu,"
                    + " resourceClaimName: one}]}")
                .devices())
        .isTrue();
  }

  @Test
  void aPodThatAsksForNothingStillCounts() {
    PodInfo pod = read("containers: [{name: a, image: i}]");
    assertThat(pod.requests()).isEqualTo(Resources.NONE);
    assertThat(pod.weight()).isEqualTo(Resources.of(100, 200L << 20));
  }

  @Test
  void whatAPodSaysForItselfComesBeforeItsContainers() {
    PodInfo pod =
        read(
            """
            resources: {requests: {cpu: "3"}}
            initContainers:
            - {name: first, image: i, resources: {requests: {cpu: "2", memory: 1Gi}}}
            containers:
            - {name: a, image: i, resources: {requests: {cpu: 500m, memory: 512Mi}}}
            - {name: b, image: i}
            overhead: {cpu: 100m}
            """);
    assertThat(pod.requests()).isEqualTo(Resources.of(3100, 1L << 30));
  }

  @Test
  void whatAKubeletHasNotGivenBackYetIsStillTaken() {
    String spec =
        """
        initContainers:
        - {name: first, image: i, resources: {requests: {cpu: 100m}}}
        - {name: sidecar, image: i, restartPolicy: Always, resources: {requests: {cpu: 100m}}}
        containers:
        - {name: a, image: i, resources: {requests: {cpu: 500m, memory: 1Gi}}}
        - {name: b, image: i, resources: {requests: {cpu: 100m}}}
        """;
    String status =
        """
        conditions:
        - {type: PodResizePending, status: "True", reason: %s}
        initContainerStatuses:
        - {name: first, allocatedResources: {cpu: "9"}, resources: {requests: {cpu: "9"}}}
        - {name: sidecar, allocatedResources: {cpu: 100m}, resources: {requests: {cpu: 300m}}}
        containerStatuses:
        - {name: a, allocatedResources: {cpu: "2", memory: 512Mi}, resources: {requests: {cpu: "1"}}}
        """;
    assertThat(read(spec).requests()).isEqualTo(Resources.of(700, 1L << 30));
    assertThat(read(spec, status.formatted("Deferred")).requests())
        .as("the larger of what is asked for, granted and there")
        .isEqualTo(Resources.of(300 + 2000 + 100, 1L << 30));
    assertThat(read(spec, status.formatted("Infeasible")).requests())
        .as("what cannot be granted is not taken")
        .isEqualTo(Resources.of(300 + 2000 + 100, 1L << 29));
  }

  @Test
  void portsOfInitContainersThatEndAreNotTaken() {
    PodInfo pod =
        read(
            """
            initContainers:
            - {name: first, image: i, ports: [{containerPort: 80, hostPort: 8080}]}
            - name: sidecar
              image: i
              restartPolicy: Always
              ports: [{containerPort: 80, hostPort: 8081}]
            containers: [{name: a, image: i}]
            """);
    assertThat(pod.hostPorts()).containsExactly(new HostPort("0.0.0.0", "TCP", 8081));
  }

  @Test
  void wishesAreRead() {
    PodInfo pod =
        read(
            """
            nodeSelector: {disk: ssd}
            tolerations: [{key: k, operator: Exists, effect: NoSchedule}]
            affinity:
              nodeAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                  nodeSelectorTerms:
                  - matchExpressions: [{key: cores, operator: Gt, values: ["4"]}]
              podAntiAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                - topologyKey: kubernetes.io/hostname
                  labelSelector: {matchLabels: {app: web}}
            topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: zone
              whenUnsatisfiable: DoNotSchedule
              labelSelector: {matchLabels: {app: web}}
              matchLabelKeys: [version]
            containers: [{name: a, image: i, ports: [{containerPort: 80, hostPort: 8080}]}]
            """);
    NodeSpec node = Pods.labelled(Pods.node("n", 1, 1), "disk", "ssd", "cores", "8");
    assertThat(pod.wishes().select(node)).isTrue();
    assertThat(pod.wishes().select(Pods.labelled(node, "cores", "4"))).isFalse();
    assertThat(pod.wishes().select(Pods.labelled(node, "disk", "hdd"))).isFalse();
    assertThat(pod.wishes().tolerate(Pods.tainted(node, new Taint("k", "v", "NoSchedule"))))
        .isTrue();
    assertThat(pod.wishes().tolerate(Pods.tainted(node, new Taint("k", "v", "NoExecute"))))
        .isFalse();
    assertThat(pod.wishes().far().getFirst().matches(pod, Map.of())).isTrue();
    assertThat(pod.wishes().spread().getFirst().selector().matches(Map.of("app", "web")))
        .as("the pod's own version is required")
        .isFalse();
    assertThat(pod.hostPorts()).isEqualTo(List.of(new HostPort("0.0.0.0", "TCP", 8080)));
    assertThat(pod.key()).isEqualTo(new ObjectKey("default", "p"));
  }

  private static PodInfo read(String spec) {
    return read(spec, "");
  }

  private static PodInfo read(String spec, String status) {
    Pod pod =
        new YAMLMapper()
            .readValue(
                "metadata: {namespace: default, name: p, uid: u, labels: {app: web, version: v1}}\n"
                    + "spec:\n"
                    + spec.indent(2)
                    + "status:\n"
                    + status.indent(2),
                Pod.class);
    return PodReader.read(pod);
  }
}
