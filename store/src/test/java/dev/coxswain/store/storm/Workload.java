package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.history.Answer;
import dev.coxswain.store.history.Change;
import dev.coxswain.store.history.Entry;
import dev.coxswain.store.history.Request;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What one client does all day: few keys, so that clients meet. */
final class Workload implements Runnable {
  static final String FIRST_KEY = "key/";
  static final String LAST_KEY = "key0";
  private static final int KEYS = 16;
  private static final int HISTORY_KEPT = 200;
  private static final int PAUSE_MICROS = 6_000;

  /** A member that is dead refuses at once: not to do nothing but ask it again. */
  private static final int FAILED_MICROS = 200_000;

  private final int number;
  private final Client client;
  private final Randomness random;
  private final Time time;
  private final LongSupplier compactable;
  private final BooleanSupplier stopped;
  private @Nullable Entry known;
  private long serial;
  private long revision = 1;
  private boolean failed;

  /**
   * A workload that stops when it is told to.
   *
   * @param compactable the revision that everybody who must see everything has seen
   */
  Workload(
      int number,
      Client client,
      Randomness random,
      Time time,
      LongSupplier compactable,
      BooleanSupplier stopped) {
    this.number = number;
    this.client = client;
    this.random = random;
    this.time = time;
    this.compactable = compactable;
    this.stopped = stopped;
  }

  @Override
  public void run() {
    try {
      while (!stopped.getAsBoolean()) {
        if (random.chance(0.002)) {
          compact();
        } else {
          remember(client.call(next()));
        }
        time.sleep(Duration.ofNanos(1000 * random.below(failed ? FAILED_MICROS : PAUSE_MICROS)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void remember(Answer answer) {
    failed = answer instanceof Answer.Unknown;
    switch (answer) {
      case Answer.Found found -> {
        revision = found.revision();
        if (!found.entries().isEmpty()) {
          known = found.entries().get((int) random.below(found.entries().size()));
        }
      }
      case Answer.Withheld withheld ->
          known = withheld.guarded().isEmpty() ? null : withheld.guarded().getFirst();
      case Answer.Written written -> revision = written.revision();
      case Answer.Refused ignored -> {}
      case Answer.Unknown ignored -> {}
    }
  }

  private String key() {
    return FIRST_KEY + (char) ('a' + random.below(KEYS));
  }

  private Change put(String key) {
    return new Change.Put(key, number + "-" + serial++, 0);
  }

  private Request next() {
    return switch ((int) random.below(20)) {
      case 0, 1, 2, 3, 4 -> new Request.Write(List.of(), List.of(put(key())));
      case 5, 6 -> new Request.Write(List.of(), List.of(new Change.Delete(key())));
      case 7, 8, 9, 10 -> guarded();
      case 11 ->
          new Request.Write(
              List.of(), List.of(put(FIRST_KEY + "pair-1"), put(FIRST_KEY + "pair-2")));
      case 12 -> new Request.Read(FIRST_KEY, LAST_KEY, true, 0);
      case 13 -> new Request.Read(FIRST_KEY, LAST_KEY, false, Math.max(1, revision - 5));
      case 14, 15 -> new Request.Read(FIRST_KEY, LAST_KEY, false, 0);
      default -> Request.Read.key(key());
    };
  }

  /** Writes what it read if nobody wrote meanwhile; creates what is not there. */
  private Request guarded() {
    Entry read = known;
    known = null;
    if (read == null) {
      String key = key();
      return new Request.Write(List.of(new Request.Guard(key, 0, null)), List.of(put(key)));
    }
    List<Request.Guard> guards = List.of(new Request.Guard(read.key(), read.mod(), read.value()));
    return random.chance(0.2)
        ? new Request.Write(guards, List.of(new Change.Delete(read.key()), put(counter())))
        : new Request.Write(guards, List.of(put(read.key()), put(counter())));
  }

  private String counter() {
    return FIRST_KEY + "counter-" + number;
  }

  private void compact() {
    long upTo = compactable.getAsLong() - HISTORY_KEPT;
    if (upTo < 1) {
      return;
    }
    try {
      var _ =
          KVGrpc.newBlockingStub(client.channel())
              .withDeadlineAfter(2, TimeUnit.SECONDS)
              .compact(CompactionRequest.newBuilder().setRevision(upTo).build());
    } catch (StatusRuntimeException e) {
      // Already compacted, or nobody there: either is as good.
      client.use((int) random.below(Fleet.SIZE));
    }
  }
}
