package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** One pod on every node that asks services for an answer, as a user's own client would. */
final class Visitors {
  private Visitors() {}

  /** Makes the pods, one bound to each node by its host name. */
  static void create(Cluster cluster, String namespace) {
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
              - {name: visitor, image: "coxswain/demo:1", command: [sleep, "100000"]}
          """
              .formatted(node));
    }
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
        "--timeout=120s");
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
            "i=0; while [ $i -lt %d ]; do timeout 5 wget -qO- %s || exit 1; echo; i=$((i+1)); done"
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

  /** Requests one after the other from the node's visitor until stopped. */
  static Load load(Cluster cluster, String namespace, String node, String address) {
    return new Load(cluster, namespace, node, address);
  }

  /** How many requests were answered and how many were not. */
  record Tally(long answered, long failed) {}

  /** A running stream of requests. */
  static final class Load implements AutoCloseable {
    private final Path output;
    private final Process process;
    private final Cluster cluster;
    private final String namespace;
    private final String pod;

    private Load(Cluster cluster, String namespace, String node, String address) {
      this.cluster = cluster;
      this.namespace = namespace;
      this.pod = "visitor-" + node;
      String loop =
          "rm -f /tmp/stop; while [ ! -e /tmp/stop ]; do if timeout 5 wget -qO /dev/null %s; then echo ok; else echo failed; fi; done"
              .formatted(address);
      try {
        output = Files.createTempFile("coxswain-load", ".txt");
        process =
            cluster
                .shell()
                .start(
                    List.of("kubectl", "-n", namespace, "exec", pod, "--", "sh", "-c", loop),
                    Path.of("/dev/null"),
                    output,
                    Path.of("/dev/null"));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      Cluster.eventually("the first request is answered", () -> tally().answered() > 0);
    }

    /** What was counted so far. */
    Tally tally() {
      try {
        List<String> lines = Files.readAllLines(output);
        return new Tally(
            lines.stream().filter("ok"::equals).count(),
            lines.stream().filter("failed"::equals).count());
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    /** Ends the stream; fails if it had broken off before. */
    Tally stop() {
      if (!process.isAlive()) {
        throw new AssertionError("the stream of requests broke off after " + tally());
      }
      cluster.kubectl("-n", namespace, "exec", pod, "--", "touch", "/tmp/stop");
      try {
        if (!process.waitFor(Duration.ofSeconds(30))) {
          throw new AssertionError("the stream of requests did not end");
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", interrupted);
      }
      return tally();
    }

    @Override
    public void close() {
      process.destroy();
      try {
        Files.deleteIfExists(output);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}
