package dev.coxswain.store.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.runtime.time.Randomness;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A count that is kept is the one that visiting every key gives. */
final class LiveCountsTest {
  private static final int SEEDS = 8;
  private static final int KEYS = 4_000;
  private static final int WRITES = 12_000;
  private static final int WRITES_A_LOOK = 50;
  private static final KeyRange EVERYTHING = range("k", "\0");

  private final Keyspace keyspace = new Keyspace();

  private static ByteString key(long number) {
    return ByteString.copyFromUtf8("k" + String.format(java.util.Locale.ROOT, "%05d", number));
  }

  private static KeyRange range(String from, String end) {
    return KeyRange.of(ByteString.copyFromUtf8(from), ByteString.copyFromUtf8(end));
  }

  private static long walked(Keyspace keyspace, KeyRange range, long at) {
    AtomicLong count = new AtomicLong();
    keyspace.forEach(range, at, version -> count.incrementAndGet());
    return count.get();
  }

  private static void step(Keyspace keyspace, Randomness random) {
    Transaction transaction = keyspace.begin();
    if (random.below(40) == 0) {
      long first = random.below(KEYS);
      var _ = transaction.delete(KeyRange.of(key(first), key(first + random.below(KEYS / 2))));
    } else {
      var _ =
          transaction.put(
              key(random.below(KEYS)).toByteArray(), ByteString.copyFrom(new byte[1]), 0);
    }
    var _ = transaction.commit();
  }

  @Test
  void agreesWithAVisitToEveryKey() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Keyspace own = new Keyspace();
      Randomness random = Randomness.seeded(seed);
      for (int i = 0; i < WRITES; i++) {
        step(own, random);
        if (i % WRITES_A_LOOK == 0) {
          long from = random.below(KEYS);
          KeyRange part = KeyRange.of(key(from), key(random.below(KEYS)));
          for (KeyRange range :
              new KeyRange[] {EVERYTHING, part, KeyRange.single(new byte[] {1})}) {
            OptionalLong counted = own.count(range, own.revision());
            assertThat(counted.isPresent()).isEqualTo(!range.isSingle());
            if (counted.isPresent()) {
              assertThat(counted.getAsLong())
                  .as("seed %s, write %s, %s", seed, i, range)
                  .isEqualTo(walked(own, range, own.revision()));
            }
          }
        }
        if (i % 1_000 == 999) {
          own.compact(own.revision() - 1);
          own.sweep();
        }
      }
    }
  }

  @Test
  void whileARevisionIsBeingWrittenOnlyAVisitTells() {
    Transaction first = keyspace.begin();
    first.put(key(1).toByteArray(), ByteString.copyFrom(new byte[1]), 0);
    assertThat(keyspace.count(EVERYTHING, keyspace.revision())).isEmpty();
    first.commit();
    assertThat(keyspace.count(EVERYTHING, keyspace.revision())).hasValue(1);
    assertThat(keyspace.count(EVERYTHING, keyspace.revision() - 1)).isEmpty();
    Transaction again = keyspace.begin();
    again.put(key(1).toByteArray(), ByteString.copyFrom(new byte[1]), 0);
    assertThat(keyspace.count(EVERYTHING, keyspace.revision())).hasValue(1);
    again.delete(EVERYTHING);
    assertThat(keyspace.count(EVERYTHING, keyspace.revision())).isEmpty();
    again.commit();
    assertThat(keyspace.count(EVERYTHING, keyspace.revision())).hasValue(0);
  }

  /** Nothing is compacted, so every revision can still be visited afterwards. */
  @Test
  void whatIsReadBesideTheWriterIsTheCountOfThatRevision() throws InterruptedException {
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              Randomness random = Randomness.seeded(1);
              for (int i = 0; i < WRITES; i++) {
                step(keyspace, random);
              }
            });
    long compared = 0;
    while (writer.isAlive() || compared == 0) {
      long at = keyspace.revision();
      OptionalLong counted = keyspace.count(EVERYTHING, at);
      if (counted.isPresent()) {
        compared++;
        assertThat(counted.getAsLong()).isEqualTo(walked(keyspace, EVERYTHING, at));
      }
    }
    writer.join();
    assertThat(compared).isPositive();
  }
}
