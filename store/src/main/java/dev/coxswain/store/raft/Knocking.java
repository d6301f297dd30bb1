package dev.coxswain.store.raft;

import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.member.MemberUrl;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a member does that takes no part, or has heard of no leader for long: it asks the others to
 * be let in. The answer may be that it was removed, which it might otherwise never learn.
 */
final class Knocking {
  private static final Logger LOG = LoggerFactory.getLogger(Knocking.class);

  /** Without a leader for so long, a member asks what the others know. */
  private static final Duration LONELY = Duration.ofSeconds(4);

  /** From one round of asking to the next. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** To catch up, a newcomer may have to be sent all there is. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final long self;
  private final RaftNode raft;
  private final PeerPort peers;
  private final List<MemberUrl> known;
  private final Executor workers;
  private final Runnable removed;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private long leaderSeen;
  private long last;

  Knocking(
      long self,
      RaftNode raft,
      PeerPort peers,
      List<MemberUrl> known,
      Executor workers,
      Runnable removed,
      long now) {
    this.self = self;
    this.raft = raft;
    this.peers = peers;
    this.known = known;
    this.workers = workers;
    this.removed = removed;
    this.leaderSeen = now;
    this.last = now;
  }

  /** Looks whether it is time; called by the tick. */
  void look(long now) {
    boolean takesPart = raft.takesPart(self);
    if (takesPart && raft.leader().isPresent()) {
      leaderSeen = now;
      return;
    }
    boolean lonely = !takesPart || now - leaderSeen > LONELY.toNanos();
    if (lonely && now - last > PAUSE.toNanos() && underWay.compareAndSet(false, true)) {
      last = now;
      workers.execute(() -> {
        try {
          knock();
        } finally {
          underWay.set(false);
        }
      });
    }
  }

  private List<String> configured() {
    try {
      return raft.otherAddresses().stream()
          .flatMap(address -> PeerNames.ofThisProcess().authorities(address).stream())
          .toList();
    } catch (IllegalStateException closed) {
      return List.of();
    }
  }

  /** Asks one after the other, until one has an answer. */
  void knock() {
    List<String> addresses =
        Stream.concat(known.stream().map(MemberUrl::authority), configured().stream())
            .distinct()
            .toList();
    for (String address : addresses) {
      try {
        PeerCall.accepted(
            peers.call(address, PeerCall.number(PeerCall.JOIN, self), PATIENCE).join());
        return;
      } catch (NotLeading e) {
        LOG.debug("{} does not lead", address);
      } catch (StoreException e) {
        // What only members that know of the removal say: see Claim.
        if (e.error() == StoreError.MEMBER_NOT_FOUND) {
          removed.run();
          return;
        }
        LOG.info("{} does not let this member in yet: {}", address, e.getMessage());
      } catch (CompletionException | IllegalStateException e) {
        LOG.debug("{} cannot be asked: {}", address, e.toString());
      }
    }
  }
}
