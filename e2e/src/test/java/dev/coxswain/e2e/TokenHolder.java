package dev.coxswain.e2e;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A pod with a token of the shortest life there is, ten minutes. It is there as long as the shared
 * cluster, so that whoever wants to see the token renewed need not wait for all of that.
 */
record TokenHolder(Cluster cluster) {
  /** The life that the pod asks for, seconds: what the API server gives at the least. */
  static final long LIFE = 600;

  private static final String NAMESPACE = "token-renewal";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What a container reads in its token's file, and what its clock says then; epoch seconds. */
  record Held(String token, long issued, long expires, long now) {}

  /** Has the pod made: by a Deployment, since tests drain nodes and power them off. */
  static void create(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: holder}
        spec:
          selector: {matchLabels: {app: holder}}
          template:
            metadata: {labels: {app: holder}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: main
                  image: "coxswain/demo:1"
                  command: [sleep, "12345"]
                  volumeMounts: [{name: token, mountPath: /held}]
              volumes:
                - {name: token, projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: %d}}]}}
        """
            .formatted(LIFE));
  }

  /** The one pod that runs now. */
  JsonNode pod() {
    List<JsonNode> running =
        Cluster.stream(cluster.json("-n", NAMESPACE, "pods", "-l", "app=holder").path("items"))
            .filter(pod -> pod.at("/status/containerStatuses/0/state").has("running"))
            .filter(pod -> !pod.path("metadata").has("deletionTimestamp"))
            .toList();
    if (running.size() != 1) {
      throw new AssertionError("pods that hold a token: " + running);
    }
    return running.getFirst();
  }

  /** What is in the token's file of a pod. */
  Held read(JsonNode pod) {
    String[] said =
        cluster
            .kubectl(
                "-n",
                NAMESPACE,
                "exec",
                pod.at("/metadata/name").asString(),
                "--",
                "sh",
                "-c",
                "date +%s; cat /held/token")
            .split("\n", 2);
    String claims = said[1].split("\\.", 3)[1];
    JsonNode token =
        JSON.readTree(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8));
    return new Held(
        said[1], token.path("iat").asLong(), token.path("exp").asLong(), Long.parseLong(said[0]));
  }

  /**
   * Since when nothing but a token's age could have its file written anew, epoch seconds: from then
   * on this container ran, and so did its node's kubelet, which asks for new ones when it starts.
   */
  long undisturbedSince(JsonNode pod) {
    String node = pod.at("/spec/nodeName").asString();
    long kubelet =
        Cluster.stream(cluster.status().path("processes"))
            .filter(process ->
                process.path("node").asString().equals(node)
                    && process.path("name").asString().startsWith("kubelet"))
            .flatMap(process -> ProcessHandle.of(process.path("pid").asLong()).stream())
            .flatMap(process -> process.info().startInstant().stream())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no kubelet runs on " + node))
            .getEpochSecond();
    String container = pod.at("/status/containerStatuses/0/state/running/startedAt").asString();
    return Math.max(kubelet, Instant.parse(container).getEpochSecond());
  }

  /** What a review says of a token. */
  JsonNode review(String token) {
    String review =
        """
        {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "%s"}}
        """
            .formatted(token);
    return JSON.readTree(
        cluster
            .shell()
            .run(
                Cluster.PATIENCE, cluster.kubectlCommand("create", "-o", "json", "-f", "-"), review)
            .orFail());
  }
}
