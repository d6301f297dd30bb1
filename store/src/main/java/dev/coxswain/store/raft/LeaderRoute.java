package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ratis.protocol.exceptions.RaftException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the leader for a request: here, or at a peer's. What was certainly not taken is tried again
 * until there is a leader, for a while; what may have reached the log is never tried twice. What
 * only reads is asked of a new leader at once, instead of waiting for one that is out of reach.
 */
final class LeaderRoute {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderRoute.class);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(20);

  private final long self;
  private final RaftNode raft;
  private final PeerPort peers;
  private final Time time;
  private final Duration patience;
  private final Duration noLeaderPatience;
  private final Set<Attempt<?>> reads = ConcurrentHashMap.newKeySet();
  private final LongAdder failedProposals = new LongAdder();
  private volatile boolean closed;

  /** A route that waits for an answer and for a leader so long at most. */
  LeaderRoute(
      long self,
      RaftNode raft,
      PeerPort peers,
      Time time,
      Duration patience,
      Duration noLeaderPatience) {
    this.self = self;
    this.raft = raft;
    this.peers = peers;
    this.time = time;
    this.patience = patience;
    this.noLeaderPatience = noLeaderPatience;
  }

  /** Refuses everything from now on. */
  void close() {
    closed = true;
  }

  /** Does it here when this member leads, else asks the leader and reads its answer. */
  <T> CompletableFuture<T> onLeader(
      Supplier<CompletableFuture<T>> here,
      Supplier<byte[]> elsewhere,
      Function<byte[], T> answered) {
    return ask(new Attempt<>(here, elsewhere, answered, time.nanos(), false));
  }

  /** The same for what goes into the log; its failures are counted. */
  <T> CompletableFuture<T> proposeOnLeader(
      Supplier<CompletableFuture<T>> here,
      Supplier<byte[]> elsewhere,
      Function<byte[], T> answered) {
    return ask(new Attempt<>(here, elsewhere, answered, time.nanos(), true));
  }

  /** The same for what changes nothing, so that it may be asked twice. */
  <T> CompletableFuture<T> readOnLeader(
      Supplier<CompletableFuture<T>> here,
      Supplier<byte[]> elsewhere,
      Function<byte[], T> answered) {
    Attempt<T> attempt = new Attempt<>(here, elsewhere, answered, time.nanos(), false);
    if (!raft.leads()) {
      reads.add(attempt);
      var _ = attempt.answer.whenComplete((result, failure) -> reads.remove(attempt));
    }
    return ask(attempt);
  }

  private static <T> CompletableFuture<T> ask(Attempt<T> attempt) {
    attempt.run();
    return attempt.answer;
  }

  /** How many proposals failed, or were not known in time to have been carried out. */
  long failedProposals() {
    return failedProposals.sum();
  }

  /** Somebody else leads now, whom reads that still wait are to be asked of. */
  void leaderChanged() {
    reads.forEach(Attempt::askAnew);
  }

  private final class Attempt<T> {
    private final Supplier<CompletableFuture<T>> here;
    private final Supplier<byte[]> elsewhere;
    private final Function<byte[], T> answered;
    private final boolean proposal;
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    /** Since when it has looked for a leader. */
    private volatile long started;

    /** Counts whom it was asked of; the failures of those before do not matter any more. */
    private final AtomicInteger asked = new AtomicInteger();

    Attempt(
        Supplier<CompletableFuture<T>> here,
        Supplier<byte[]> elsewhere,
        Function<byte[], T> answered,
        long started,
        boolean proposal) {
      this.here = here;
      this.elsewhere = elsewhere;
      this.answered = answered;
      this.started = started;
      this.proposal = proposal;
    }

    void askAnew() {
      started = time.nanos();
      asked.incrementAndGet();
      run();
    }

    void run() {
      int round = asked.get();
      if (closed) {
        answer.completeExceptionally(StoreError.STOPPED.exception());
        return;
      }
      try {
        if (raft.leadsReady()) {
          var _ = here.get().whenComplete((result, failure) -> finish(round, result, failure));
          return;
        }
        Optional<String> address = raft.leader().filter(id -> id != self).flatMap(raft::address);
        if (address.isPresent()) {
          byte[] request = elsewhere.get();
          var _ =
              (PeerCall.isSmall(request)
                      ? peers.ask(address.get(), request, time.nanos(), patience)
                      : peers.call(address.get(), request, patience))
                  .thenApply(PeerCall::accepted)
                  .thenApply(answered)
                  .whenComplete((result, failure) -> {
                    if (PeerPort.neverSent(failure)) {
                      peers.connectAnew(address.get());
                    }
                    finish(round, result, failure);
                  });
          return;
        }
      } catch (StoreException e) {
        fail(e);
        return;
      } catch (RuntimeException e) {
        // A group that is not there yet, certificates that cannot be read just now: tried again.
        LOG.debug("no leader can be asked: {}", e.toString());
      }
      again(round);
    }

    private void finish(int round, T result, @Nullable Throwable failure) {
      if (failure == null) {
        answer.complete(result);
        return;
      }
      if (round != asked.get()) {
        return;
      }
      Throwable cause = cause(failure);
      if (cause instanceof StoreException refused) {
        fail(refused);
      } else if (cause instanceof NotLeading
          || cause instanceof RaftException
          || PeerPort.neverSent(cause)) {
        again(round);
      } else {
        LOG.warn("the leader could not be reached: {}", cause.toString());
        fail(StoreError.TIMEOUT_CONNECTION_LOST.exception());
      }
    }

    // Who is told that the store is unavailable does not know what became of a proposal; whatever
    // else is said is its outcome.
    private void fail(StoreException failure) {
      if (proposal && failure.error().code() == Status.Code.UNAVAILABLE) {
        failedProposals.increment();
      }
      answer.completeExceptionally(failure);
    }

    private void again(int round) {
      if (time.nanos() - started > noLeaderPatience.toNanos()) {
        fail(StoreError.NO_LEADER.exception());
        return;
      }
      time.after(
          RETRY_PAUSE,
          () -> {
            if (round == asked.get()) {
              run();
            }
          });
    }
  }

  /** What a future failed with, without its wrapping. */
  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
