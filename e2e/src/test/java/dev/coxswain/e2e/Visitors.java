package dev.coxswain.e2e;

import java.util.Set;
import java.util.stream.Collectors;

/** One pod on every node that asks services for an answer, as a user's own client would. */
final class Visitors {
  private Visitors() {}

  /**
   * Makes the pods, one bound to each node by its host name. Their first process is a shell,
   * because it waits for the orphans that requests leave; a bare sleep would gather them as zombies
   * until the machine has no process number left.
   */
  static void create(Cluster cluster, String namespace) {
    awaitServiceAccount(cluster, namespace);
    for (String node : cluster.nodes()) {
      cluster.apply(
          namespace,
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: visitor-%1$s, labels: {role: visitor}}
          spec:
            nodeSelector: {kubernetes.io/hostname: %1$s}
            terminationGracePeriodSeconds: 0
            containers:
              - {name: visitor, image: "coxswain/demo:1", command: [sh, -c, "while :; do sleep 1; done"]}
          """
              .formatted(node));
    }
  }

  /**
   * A new namespace gets its service account from a controller, and without it no pod is admitted.
   */
  static void awaitServiceAccount(Cluster cluster, String namespace) {
    // Not kubectl wait --for=create: Debian 12's kubectl does not have it.
    Cluster.eventually(
        "the service account of " + namespace,
        () -> cluster.tryKubectl("-n", namespace, "get", "serviceaccount/default").exitCode() == 0);
  }

  static void awaitReady(Cluster cluster, String namespace) {
    cluster.kubectl(
        "-n",
        namespace,
        "wait",
        "--for=condition=Ready",
        "pod",
        "-l",
        "role=visitor",
        Cluster.PATIENTLY);
  }

  /**
   * Asks the address so many times from the node's visitor; the names of the pods that answered.
   * Fails if any request fails.
   */
  static Set<String> ask(
      Cluster cluster, String namespace, String node, String address, int times) {
    String answers =
        cluster.kubectl(
            "-n",
            namespace,
            "exec",
            "visitor-" + node,
            "--",
            "sh",
            "-c",
            "i=0; while [ $i -lt %d ]; do timeout 60 wget -qO- %s || exit 1; echo; i=$((i+1)); done"
                .formatted(times, address));
    return answers
        .lines()
        .filter(line -> !line.isBlank())
        .map(Visitors::podName)
        .collect(Collectors.toSet());
  }

  /** The pod's name in an answer of the demo server. */
  static String podName(String answer) {
    return answer.strip().replaceFirst("(?s)^.*?pod[ =:]+(\\S+).*$", "$1");
  }

  /**
   * Requests one after the other from the node's visitor until stopped. The stream runs in the pod
   * alone, so that it goes on whatever becomes of the processes around it. A request may take 20
   * seconds: a resolver asks a DNS server that is being restarted again after five.
   */
  static Load load(Cluster cluster, String namespace, String node, String address) {
    return new Load(cluster, namespace, node, address);
  }

  /** How many requests were answered and how many were not. */
  record Tally(long answered, long failed) {}

  /** A running stream of requests. */
  static final class Load implements AutoCloseable {
    private final Cluster cluster;
    private final String namespace;
    private final String pod;

    private Load(Cluster cluster, String namespace, String node, String address) {
      this.cluster = cluster;
      this.namespace = namespace;
      this.pod = "visitor-" + node;
      // Names and rules reach a node a moment after what they are for is ready.
      Cluster.eventually(
          address + " is reached",
          () -> {
            inPod("timeout 20 wget -qO /dev/null " + address);
            return true;
          });
      String loop =
          "while [ ! -e /tmp/stop ]; do if timeout 20 wget -qO /dev/null %s; then echo ok; else echo failed; fi; sleep 0.05; done; echo end"
              .formatted(address);
      inPod(
          "rm -f /tmp/stop /tmp/load; touch /tmp/load; ("
              + loop
              + ") </dev/null >/tmp/load 2>/dev/null &");
      Cluster.eventually("the first request is answered", () -> tally().answered() > 0);
    }

    /** What was counted so far. */
    Tally tally() {
      String lines = inPod("cat /tmp/load");
      return new Tally(
          lines.lines().filter("ok"::equals).count(),
          lines.lines().filter("failed"::equals).count());
    }

    /** Ends the stream and waits for its last request. */
    Tally stop() {
      inPod("touch /tmp/stop");
      Cluster.eventually(
          "the stream of requests ends", () -> inPod("tail -n 1 /tmp/load").equals("end\n"));
      return tally();
    }

    private String inPod(String script) {
      return cluster.kubectl("-n", namespace, "exec", pod, "--", "sh", "-c", script);
    }

    @Override
    public void close() {
      cluster.tryKubectl("-n", namespace, "exec", pod, "--", "touch", "/tmp/stop");
    }
  }
}
