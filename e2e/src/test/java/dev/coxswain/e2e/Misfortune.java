package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What befalls a process of a control plane, and how it is lifted. */
enum Misfortune {
  AN_API_SERVER_DIES("apiserver", Whom.ANY, true),
  THE_STORES_LEADER_DIES("store", Whom.LEADER, true),
  A_FOLLOWER_OF_THE_STORE_DIES("store", Whom.FOLLOWER, true),
  AN_API_SERVER_FREEZES("apiserver", Whom.ANY, false),
  THE_STORES_LEADER_FREEZES("store", Whom.LEADER, false),
  A_FOLLOWER_OF_THE_STORE_FREEZES("store", Whom.FOLLOWER, false);

  private enum Whom {
    ANY,
    LEADER,
    FOLLOWER
  }

  private final String program;
  private final Whom whom;
  private final boolean deadly;

  Misfortune(String program, Whom whom, boolean deadly) {
    this.program = program;
    this.whom = whom;
    this.deadly = deadly;
  }

  /**
   * Strikes one of those that it may strike.
   *
   * @param choice which of them, counted round and round
   */
  Struck strike(Cluster cluster, int choice) {
    List<JsonNode> candidates = new ArrayList<>();
    // While an election is under way, nobody leads.
    Cluster.eventually(
        "somebody for " + this,
        () -> {
          candidates.clear();
          candidates.addAll(candidates(cluster));
          return !candidates.isEmpty();
        });
    JsonNode victim = candidates.get(Math.floorMod(choice, candidates.size()));
    Struck struck = new Struck(this, victim.path("name").asString(), victim.path("pid").asLong());
    struck.signal(deadly ? "KILL" : "STOP");
    return struck;
  }

  private List<JsonNode> candidates(Cluster cluster) {
    return Cluster.stream(cluster.status().path("processes"))
        .filter(process -> process.path("name").asString().startsWith(program + "-"))
        .filter(process ->
            switch (whom) {
              case ANY -> true;
              case LEADER -> process.path("leader").asBoolean(false);
              case FOLLOWER -> !process.path("leader").asBoolean(false);
            })
        .toList();
  }

  /** A process that was struck. */
  record Struck(Misfortune misfortune, String process, long pid) {
    private void signal(String signal) {
      try {
        int exitCode =
            new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
        if (exitCode != 0) {
          throw new AssertionError("kill -" + signal + " " + process + " exited with " + exitCode);
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", interrupted);
      }
    }

    /** Makes good what was done, and waits until it shows. */
    void lift(Cluster cluster) {
      if (misfortune.deadly) {
        cluster.cox("restart", process).orFail();
      } else {
        signal("CONT");
      }
      Cluster.eventually(process + " is well again", () -> cluster.healthy(process));
    }
  }
}
