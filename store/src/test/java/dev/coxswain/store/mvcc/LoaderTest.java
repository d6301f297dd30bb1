package dev.coxswain.store.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import dev.coxswain.runtime.time.Randomness;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A keyspace that was loaded is the one that was written, and goes on like it. */
final class LoaderTest {
  private static final int KEYS = 2_000;
  private static final int WRITES = 6_000;
  private static final KeyRange EVERYTHING =
      KeyRange.of(ByteString.copyFromUtf8("k"), ByteString.copyFromUtf8("l"));

  private static byte[] key(Randomness random) {
    return ("k" + random.below(KEYS)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static void write(Keyspace keyspace, Randomness random, int times) {
    for (int i = 0; i < times; i++) {
      Transaction transaction = keyspace.begin();
      for (long left = random.below(3); left >= 0; left--) {
        if (random.below(4) == 0) {
          var _ = transaction.delete(KeyRange.single(key(random)));
        } else {
          byte[] value = new byte[(int) random.below(50)];
          var _ = transaction.put(key(random), ByteString.copyFrom(value), random.below(2));
        }
      }
      var _ = transaction.commit();
    }
  }

  private static Keyspace loaded(Keyspace keyspace) {
    Keyspace.Loader loader = Keyspace.loader(keyspace.revision(), keyspace.compactRevision());
    keyspace.forEachHistory(
        keyspace.compactRevision(),
        keyspace.revision(),
        versions -> {
          for (KeyVersion one : versions) {
            var _ =
                loader.add(
                    one.key().clone(),
                    one.value(),
                    one.createRevision(),
                    one.modRevision(),
                    one.version(),
                    one.lease());
          }
        });
    return loader.finish();
  }

  private static List<String> events(Keyspace keyspace, long revision) {
    return Arrays.stream(keyspace.written(revision))
        .map(one -> new String(one.key(), java.nio.charset.StandardCharsets.UTF_8))
        .sorted()
        .toList();
  }

  private static void assertSame(Keyspace loaded, Keyspace written) {
    long revision = written.revision();
    assertThat(loaded.revision()).isEqualTo(revision);
    assertThat(loaded.hash(revision)).isEqualTo(written.hash(revision));
    assertThat(loaded.bytes()).isEqualTo(written.bytes());
    assertThat(loaded.liveBytes()).isEqualTo(written.liveBytes());
    assertThat(loaded.liveKeys()).isEqualTo(written.liveKeys());
    assertThat(loaded.count(EVERYTHING, revision)).isEqualTo(OptionalLong.of(written.liveKeys()));
    for (long at = written.compactRevision() + 1; at <= revision; at++) {
      assertThat(events(loaded, at)).isEqualTo(events(written, at));
    }
  }

  @Test
  void holdsWhatWasWrittenAndGoesOnLikeIt() {
    for (long seed = 1; seed <= 5; seed++) {
      Keyspace written = new Keyspace();
      write(written, Randomness.seeded(seed), WRITES);
      if (seed > 1) {
        written.compact(written.revision() / 2);
        written.sweep();
      }
      Keyspace loaded = loaded(written);
      assertSame(loaded, written);
      for (Keyspace each : List.of(loaded, written)) {
        write(each, Randomness.seeded(-seed), WRITES);
        each.compact(each.revision() - WRITES / 3);
        each.sweep();
      }
      assertSame(loaded, written);
    }
  }

  /** Copied for each of its versions, a large revision would take time as the square of them. */
  @Test
  void aRevisionThatWroteMuchIsNotCopiedForEachVersion() {
    int keys = 20_000;
    long before = allocated();
    Keyspace.Loader loader = Keyspace.loader(2, 0);
    for (int i = 0; i < keys; i++) {
      byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
      var _ = loader.add(key, null, 0, 2, 0, 0);
    }
    Keyspace loaded = loader.finish();
    long taken = allocated() - before;
    assertThat(loaded.written(2)).hasSize(keys);
    assertThat(taken).isLessThan(keys * 4096L);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void aDamagedRevisionTakesNoMemory() {
    Keyspace.Loader loader = Keyspace.loader(5, 0);
    var _ = loader.add(new byte[] {1}, ByteString.EMPTY, 1, Long.MAX_VALUE / 2, 1, 0);
    assertThat(loader.finish().revision()).isEqualTo(5);
  }
}
