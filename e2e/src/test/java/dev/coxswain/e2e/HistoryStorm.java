package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.e2e.history.Recording;
import dev.coxswain.e2e.history.Watching;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemRandomness;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients write, read, list and watch through three API servers while these and the members of the
 * store, its leader too, are killed and frozen and come back; their whole history must keep every
 * promise of the API. A longer one, or the same again: {@code -Dcoxswain.history.rounds=20
 * -Dcoxswain.history.seed=…}; several one after the other, each with the next seed: {@code
 * -Dcoxswain.history.storms=50}.
 */
final class HistoryStorm {
  private static final Logger log = LoggerFactory.getLogger(HistoryStorm.class);
  private static final long SEED =
      Long.getLong("coxswain.history.seed", new SystemRandomness().below(1_000_000));

  /** In each round everything befalls somebody once, in an order of its own. */
  private static final int ROUNDS = Integer.getInteger("coxswain.history.rounds", 1);

  private static final int STORMS = Integer.getInteger("coxswain.history.storms", 1);
  private static final int WRITERS = 6;
  private static final int WATCHERS = 4;
  private static final String NAMESPACE = "history";

  /** How many calls are answered while somebody is gone, at least and at most. */
  private static final int SHORTEST = 20;

  private static final int LONGEST = 300;

  private final Cluster cluster;
  private final long seed;
  private final Randomness random;

  private HistoryStorm(Cluster cluster, long seed) {
    this.cluster = cluster;
    this.seed = seed;
    this.random = Randomness.seeded(seed);
  }

  /** Blows over a cluster with three control planes, and leaves everything well again. */
  static void blowOver(Cluster cluster) throws InterruptedException {
    for (int storm = 0; storm < STORMS; storm++) {
      new HistoryStorm(cluster, SEED + storm).blow();
    }
  }

  private void blow() throws InterruptedException {
    log.info("seed {}", seed);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Cluster.eventually("three API servers are known", () -> ApiMember.of(cluster).size() == 3);
    HistoryClients clients =
        new HistoryClients(HistorySite.of(ApiMember.of(cluster), NAMESPACE), random);
    clients.start(WRITERS, WATCHERS);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (Misfortune misfortune : shuffled()) {
          befall(misfortune, clients);
        }
      }
    } finally {
      clients.stop();
    }
    judge(clients.recording());
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private List<Misfortune> shuffled() {
    List<Misfortune> left = new ArrayList<>(List.of(Misfortune.values()));
    List<Misfortune> order = new ArrayList<>();
    while (!left.isEmpty()) {
      order.add(left.remove((int) random.below(left.size())));
    }
    return order;
  }

  /** Somebody is gone while the others answer so many calls, and then everybody does. */
  private void befall(Misfortune misfortune, HistoryClients clients) {
    Misfortune.Struck struck = misfortune.strike(cluster, (int) random.below(6));
    log.info("{}: {}, after {} answers", misfortune, struck.process(), clients.answers());
    try {
      awaitMore(clients, SHORTEST + (int) random.below(LONGEST - SHORTEST));
    } finally {
      struck.lift(cluster);
    }
    awaitMore(clients, SHORTEST);
  }

  private static void awaitMore(HistoryClients clients, int more) {
    int before = clients.answers();
    Cluster.eventually(more + " more answers", () -> clients.answers() >= before + more);
  }

  private void judge(Recording recording) {
    List<Watching.Sighting> sightings =
        recording.watches().stream().flatMap(watch -> watch.sightings().stream()).toList();
    log.info(
        "seed {}: {} calls, {} sightings, {} times begun anew",
        seed,
        recording.calls().size(),
        sightings.size(),
        sightings.stream().filter(Watching.Sighting.Relisted.class::isInstance).count());
    assertThat(recording.violations()).as("seed %d", seed).isEmpty();
    assertThat(recording.calls()).hasSizeGreaterThan(500);
    assertThat(recording.watches())
        .hasSize(WATCHERS)
        .allSatisfy(watch -> assertThat(watch.sightings()).hasSizeGreaterThan(100));
  }
}
