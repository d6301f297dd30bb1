package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has a leader whose process is gone replaced at once, without waiting for an election timeout. A
 * member whose connection from its leader breaks knocks at the leader's port. When a majority,
 * itself among them, finds that port closed, the one with the newest log stands.
 *
 * <p>A port is closed only while nobody listens on it: a leader that is paused, slow, or out of
 * reach keeps its office until its time is up, as does one that a single other member is kept from
 * by a firewall. Standing too early would be safe, since reads are confirmed by a majority ({@link
 * LeadershipRound}), but would cost everybody a gap.
 */
final class LeaderLoss {
  /** A dying process closes its files one after another, perhaps the port last. */
  private static final int KNOCKS = 5;

  private static final Duration BETWEEN_KNOCKS = Duration.ofMillis(20);

  /** Members that ask each other without a majority shall not do so without pause. */
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final Surroundings around;
  private final Time time;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile long nextLook;

  /** How new a member's log is. */
  record Standing(long term, long index) implements Comparable<Standing> {
    private static final Comparator<Standing> ORDER =
        Comparator.comparingLong(Standing::term).thenComparingLong(Standing::index);

    @Override
    public int compareTo(Standing other) {
      return ORDER.compare(this, other);
    }
  }

  /** What a member answers: whether it, too, finds the leader gone, and how new its log is. */
  record Finding(boolean gone, Standing standing) {}

  /** The cluster as this member sees it. */
  interface Surroundings {
    /** This member. */
    long self();

    /** Who leads, as far as is known here. */
    Optional<Long> leader();

    /** The voters; while they are being changed, those before too. */
    Collection<Set<Long>> voters();

    /** How new the log here is. */
    Standing standing();

    /** Whether a member's port is closed, now. */
    CompletableFuture<Boolean> refuses(long member);

    /** Asks another member for what it finds. */
    CompletableFuture<Finding> ask(long member, long leader);

    /** Stands for election in the place of a leader. */
    void stand(long leader);
  }

  LeaderLoss(Surroundings around, Time time) {
    this.around = around;
    this.time = time;
    this.nextLook = time.nanos();
  }

  /** The connection from the leader broke, or somebody finds the leader gone. */
  void look() {
    Optional<Long> leader = around.leader().filter(id -> id != around.self());
    if (leader.isEmpty() || time.nanos() - nextLook < 0 || !looking.compareAndSet(false, true)) {
      return;
    }
    var _ =
        gone(leader.get(), KNOCKS)
            .thenCompose(
                gone -> gone ? agreed(leader.get()) : CompletableFuture.completedFuture(false))
            .whenComplete((stand, failure) -> {
              nextLook = time.nanos() + BETWEEN_LOOKS.toNanos();
              looking.set(false);
              if (failure == null && stand && around.leader().equals(leader)) {
                around.stand(leader.get());
              }
            });
  }

  /** What this member answers when it is asked about a leader. */
  CompletableFuture<Finding> find(long leader) {
    return gone(leader, KNOCKS)
        .thenApply(gone -> {
          // It may be this one's turn to stand.
          if (gone) {
            look();
          }
          return new Finding(gone, around.standing());
        });
  }

  private CompletableFuture<Boolean> gone(long leader, int knocks) {
    return around
        .refuses(leader)
        .thenCompose(refused -> {
          if (refused || knocks == 1) {
            return CompletableFuture.completedFuture(refused);
          }
          CompletableFuture<Boolean> later = new CompletableFuture<>();
          var _ =
              time.after(
                  BETWEEN_KNOCKS,
                  () -> {
                    var _ =
                        gone(leader, knocks - 1)
                            .whenComplete(
                                (gone, failure) -> later.complete(failure == null && gone));
                  });
          return later;
        });
  }

  // Whether a majority finds the leader gone, and nobody among them should stand before this one.
  private CompletableFuture<Boolean> agreed(long leader) {
    Collection<Set<Long>> configurations = around.voters();
    Set<Long> others = new HashSet<>();
    configurations.forEach(others::addAll);
    if (!others.remove(around.self())) {
      return CompletableFuture.completedFuture(false);
    }
    others.remove(leader);
    Map<Long, Standing> agreeing = new ConcurrentHashMap<>();
    agreeing.put(around.self(), around.standing());
    CompletableFuture<?>[] answers =
        others.stream()
            .map(member ->
                around
                    .ask(member, leader)
                    .handle((finding, failure) -> {
                      if (failure == null && finding.gone()) {
                        agreeing.put(member, finding.standing());
                      }
                      return true;
                    }))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(answers)
        .thenApply(ignored ->
            LeadershipRound.majorities(configurations, agreeing.keySet()) && first(agreeing));
  }

  private boolean first(Map<Long, Standing> agreeing) {
    Comparator<Map.Entry<Long, Standing>> order = Map.Entry.comparingByValue();
    return agreeing.entrySet().stream()
        .max(order.thenComparing(Map.Entry.<Long, Standing>comparingByKey().reversed()))
        .map(Map.Entry::getKey)
        .filter(best -> best == around.self())
        .isPresent();
  }
}
