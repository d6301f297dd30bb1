package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three control planes: whichever process of theirs is killed, and if a whole one is, kubectl goes
 * on, what was acknowledged is there, work goes on under a new leader, and no node is ever thought
 * lost.
 */
final class HighAvailabilityEndToEndTest {
  private static Cluster cluster;

  @BeforeAll
  static void bringUp() {
    cluster = Cluster.up("--control-planes", "3", "--nodes", "1");
    cluster.kubectl("create", "deployment", "hull", "--image=coxswain/demo:1");
  }

  @AfterAll
  static void takeDown() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"store", "apiserver", "controllers", "scheduler"})
  void anyProcessOfAControlPlaneMayDie(String program) {
    String nodesBefore = whenNodesBecameReady();
    // The API servers are all alike; kubectl comes in through the first.
    String victim = program.equals("apiserver") ? "apiserver-1" : cluster.awaitLeader(program);
    try (Writer writer = new Writer(program)) {
      cluster.cox("kill", victim).orFail();
      writer.awaitMore();
      switch (program) {
        case "store", "controllers", "scheduler" ->
            Cluster.eventually(
                "another " + program + " leads", () -> !cluster.leader(program).equals(victim));
        default -> assertThat(cluster.healthy(victim)).isFalse();
      }
      deployOneMore();
      cluster.cox("restart", victim).orFail();
      Cluster.eventually(victim + " is healthy again", () -> cluster.healthy(victim));
      assertThat(writer.stop()).isSubsetOf(stored(program)).isNotEmpty();
    }
    assertThat(whenNodesBecameReady()).isEqualTo(nodesBefore);
  }

  @Test
  void aWholeControlPlaneMayLoseItsPower() {
    String nodesBefore = whenNodesBecameReady();
    try (Writer writer = new Writer("power")) {
      cluster.cox("node", "stop", "control-plane-1").orFail();
      try {
        writer.awaitMore();
        deployOneMore();
      } finally {
        cluster.cox("node", "start", "control-plane-1").orFail();
      }
      Cluster.eventually(
          "all of it is back",
          () ->
              cluster.healthy("store-1")
                  && cluster.healthy("apiserver-1")
                  && cluster.healthy("controllers-1")
                  && cluster.healthy("scheduler-1"));
      assertThat(writer.stop()).isSubsetOf(stored("power")).isNotEmpty();
    }
    assertThat(whenNodesBecameReady()).isEqualTo(nodesBefore);
  }

  @Test
  void everyPromiseIsKeptWhileServersAndStoresDie() throws InterruptedException {
    HistoryStorm.blowOver(cluster);
  }

  /** Takes the controllers, the scheduler and a kubelet, each by way of an API server. */
  private static void deployOneMore() {
    int replicas = cluster.json("deployment", "hull").path("spec").path("replicas").asInt();
    cluster.kubectl("scale", "deployment/hull", "--replicas=" + (replicas + 1));
    Cluster.eventually(
        "one more pod is ready",
        () ->
            cluster.json("deployment", "hull").path("status").path("readyReplicas").asInt(0)
                == replicas + 1);
  }

  /** Says of each node since when it has been Ready without a break. */
  private static String whenNodesBecameReady() {
    return cluster.kubectl(
        "get",
        "nodes",
        "-o",
        "jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=='Ready')]"
            + ".status} {.status.conditions[?(@.type=='Ready')].lastTransitionTime} {end}");
  }

  private static Set<String> stored(String prefix) {
    return Cluster.stream(cluster.json("configmaps").path("items"))
        .map(map -> map.path("metadata").path("name").asString())
        .filter(name -> name.startsWith(prefix + "-"))
        .collect(Collectors.toSet());
  }

  /** Creates one object after the other, as a person with kubectl would, and notes which it has. */
  private static final class Writer implements AutoCloseable {
    private final Set<String> acknowledged = new TreeSet<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;

    Writer(String prefix) {
      thread =
          Thread.ofPlatform()
              .name("writer")
              .start(() -> {
                for (int index = 1; !stopped.get(); index++) {
                  String name = prefix + "-" + index;
                  if (cluster.tryKubectl("create", "configmap", name).exitCode() == 0) {
                    note(name);
                  }
                }
              });
      awaitMore();
    }

    private synchronized void note(String name) {
      acknowledged.add(name);
    }

    private synchronized int count() {
      return acknowledged.size();
    }

    /** Some more writes than there are now are acknowledged. */
    void awaitMore() {
      int before = count();
      Cluster.eventually("writes are acknowledged", () -> count() >= before + 3);
    }

    /** All that was acknowledged. */
    Set<String> stop() {
      close();
      synchronized (this) {
        return Set.copyOf(acknowledged);
      }
    }

    @Override
    public void close() {
      stopped.set(true);
      try {
        thread.join();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
