package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.WebSocketHandshakeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What containers have written, told by kubectl and in messages: all of it, and in part. */
@ExtendWith(SharedCluster.class)
final class KubectlLogsEndToEndTest {
  private static final int LOG_LINES = 50_000 * Integer.getInteger("coxswain.streams.scale", 1);
  private static final String NAMESPACE = "told-logs";

  private static Cluster cluster;
  private static Cluster newest;

  @BeforeAll
  static void begin(Cluster shared) {
    cluster = shared;
    newest = shared.using(Kubectl.NEWEST, Map.of("KUBECTL", Kubectl.NEWEST.program()));
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterAll
  static void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
  }

  @Test
  void aFastWritersLogIsFollowedToItsEnd() {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: fast}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers:
            - {name: main, image: "coxswain/demo:1", command: [sh, -c, "yes 'one line of a fast writer, as long as lines are' | head -n %d"]}
        """
            .formatted(LOG_LINES));
    // It may have ended before anybody has seen it ready.
    Cluster.eventually(
        "it has begun",
        () ->
            !cluster
                .kubectl(words("get", "pod", "fast", "-o", "jsonpath={.status.phase}"))
                .equals("Pending"));
    assertThat(followed().strip())
        .isEqualTo(LOG_LINES + " one line of a fast writer, as long as lines are");
  }

  @Test
  void aLogComesInMessagesToo() {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: teller}
        spec:
          restartPolicy: Never
          containers: [{name: main, image: "coxswain/demo:1", command: [echo, ahoy]}]
        """);
    cluster.kubectl(
        words("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/teller", Cluster.PATIENTLY));
    RawApi api = new RawApi(cluster);
    String log = "/api/v1/namespaces/" + NAMESPACE + "/pods/teller/log?follow=true";
    assertThat(api.messages(log, "binary.k8s.io")).containsExactly("", "ahoy\n");
    assertThat(api.messages(log, "base64.binary.k8s.io")).containsExactly("", "YWhveQo=");
    assertRefused(403, () -> api.messages(log, "v5.channel.k8s.io"));
    assertRefused(400, () -> api.messages(log + "&container=nobody", "binary.k8s.io"));
  }

  @Test
  void aLogIsToldInPart() {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: diarist}
        spec:
          restartPolicy: Never
          containers: [{name: main, image: "coxswain/demo:1", command: [sh, -c, "echo one; echo two; sleep 2; echo three"]}]
        """);
    cluster.kubectl(
        words(
            "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/diarist", Cluster.PATIENTLY));
    assertThat(diary("--tail=1")).isEqualTo("three\n");
    assertThat(diary("--tail=0")).isEmpty();
    assertThat(diary("--limit-bytes=5")).isEqualTo("one\nt");
    assertThat(diary("--since=1h")).isEqualTo("one\ntwo\nthree\n");
    List<String[]> stamped = diary("--timestamps").lines().map(line -> line.split(" ", 2)).toList();
    assertThat(stamped).extracting(line -> line[1]).containsExactly("one", "two", "three");
    // It is asked in whole seconds.
    Instant since = Instant.parse(stamped.getLast()[0]).truncatedTo(ChronoUnit.SECONDS);
    assertThat(diary("--since-time=" + since).lines())
        .containsExactlyElementsOf(
            stamped.stream()
                .filter(line -> !Instant.parse(line[0]).isBefore(since))
                .map(line -> line[1])
                .toList());
    assertThat(diary("--since-time=" + since.plusSeconds(1))).isEmpty();
  }

  private static String diary(String part) {
    return newest.kubectl(words("logs", "diarist", part));
  }

  private static void assertRefused(int code, ThrowableAssert.ThrowingCallable asking) {
    assertThatThrownBy(asking)
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(code));
  }

  private static String followed() {
    String line = "$KUBECTL -n " + NAMESPACE + " logs -f fast | sort | uniq -c";
    return newest.shell().run(Cluster.PATIENCE, List.of("sh", "-c", line)).orFail();
  }

  private static String[] words(String... command) {
    String[] words = new String[command.length + 2];
    words[0] = "-n";
    words[1] = NAMESPACE;
    System.arraycopy(command, 0, words, 2, command.length);
    return words;
  }
}
