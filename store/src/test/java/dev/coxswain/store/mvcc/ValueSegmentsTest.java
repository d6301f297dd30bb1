package dev.coxswain.store.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.runtime.time.Randomness;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Values keep their content wherever they lie, and what is superseded does not keep its room. */
final class ValueSegmentsTest {
  private static final int SEEDS = 20;
  private static final int STEPS = 3_000;
  private static final int MANY = 4_000;
  private static final int LENGTH = 1_000;

  private final ValueSegments segments = new ValueSegments();

  private static ByteString content(Randomness random, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i += 97) {
      bytes[i] = (byte) random.below(256);
    }
    return ByteString.copyFrom(bytes);
  }

  @Test
  void valuesOfAnyLengthAreReadAsTheyWereWritten() {
    int[] lengths = {
      0,
      1,
      ValueSegments.LONGEST_SHARING,
      ValueSegments.LONGEST_SHARING + 1,
      ValueSegments.SEGMENT_BYTES,
      ValueSegments.SEGMENT_BYTES + 1,
    };
    Randomness random = Randomness.seeded(1);
    Map<ByteString, ValueSegments.Value> added = new LinkedHashMap<>();
    for (int round = 0; round < 20; round++) {
      for (int length : lengths) {
        ByteString content = content(random, length);
        added.put(content, segments.add(content));
      }
    }
    added.forEach((content, value) -> assertThat(value.bytes()).isEqualTo(content));
    added.values().forEach(segments::drop);
    assertThat(segments.unused()).isLessThan(ValueSegments.SEGMENT_BYTES);
  }

  @Test
  void aSegmentWithoutValuesIsNotHeld() {
    List<ValueSegments.Value> values = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      values.add(segments.add(ByteString.copyFrom(new byte[LENGTH])));
    }
    values.subList(0, MANY / 2).forEach(segments::drop);
    assertThat(segments.unused()).isLessThan(ValueSegments.SEGMENT_BYTES);
    assertThat(values.getLast().bytes()).hasSize(LENGTH);
  }

  @Test
  void whatIsLeftOfSparseSegmentsMovesTogether() {
    Randomness random = Randomness.seeded(1);
    List<ByteString> contents = new ArrayList<>();
    List<ValueSegments.Value> values = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      contents.add(content(random, LENGTH));
      values.add(segments.add(contents.getLast()));
    }
    for (int i = 0; i < MANY; i++) {
      if (i % 10 != 0) {
        segments.drop(values.get(i));
      }
    }
    assertThat(segments.unused()).isGreaterThan(2L * ValueSegments.SEGMENT_BYTES);
    assertThat(segments.worthMoving()).isTrue();
    for (int i = 0; i < MANY; i += 10) {
      ValueSegments.Value before = values.get(i);
      if (segments.isSparse(before)) {
        values.set(i, segments.move(before));
        assertThat(before.bytes()).as("as seen by who found it before").isEqualTo(contents.get(i));
      }
      assertThat(values.get(i).bytes()).isEqualTo(contents.get(i));
    }
    assertThat(segments.unused()).isLessThan(ValueSegments.SEGMENT_BYTES);
    assertThat(segments.worthMoving()).isFalse();
  }

  /** Seeded: writes, deletions and compactions beside a plain map of what each revision held. */
  @Test
  void aKeyspaceKeepsItsValuesAndBoundsWhatNobodyNeeds() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Randomness random = Randomness.seeded(seed);
      Keyspace keyspace = new Keyspace();
      Map<Long, Map<String, ByteString>> history = new LinkedHashMap<>();
      Map<String, ByteString> now = new LinkedHashMap<>();
      for (int step = 0; step < STEPS; step++) {
        String name = "k" + random.below(200);
        Transaction transaction = keyspace.begin();
        if (random.below(10) == 0) {
          var _ = transaction.delete(KeyRange.single(name.getBytes(StandardCharsets.UTF_8)));
          now.remove(name);
        } else {
          ByteString content = content(random, (int) random.below(6_000));
          var _ = transaction.put(name.getBytes(StandardCharsets.UTF_8), content, 0);
          now.put(name, content);
        }
        history.put(transaction.commit(), new LinkedHashMap<>(now));
        if (random.below(500) == 0 && keyspace.compactRevision() < keyspace.revision() - 50) {
          long at = keyspace.revision() - random.below(50);
          keyspace.compact(at);
          keyspace.sweep();
          history.keySet().removeIf(revision -> revision < at);
          assertThat(keyspace.heapBytes() - keyspace.bytes())
              .as("seed %s, step %s: kept for nobody", seed, step)
              .isLessThan(keyspace.bytes() + 2L * ValueSegments.SEGMENT_BYTES);
        }
      }
      history.forEach((revision, expected) ->
          expected.forEach(
              (name, content) -> assertThat(valueAt(keyspace, name, revision)).isEqualTo(content)));
    }
  }

  private static ByteString valueAt(Keyspace keyspace, String name, long revision) {
    KeyVersion version = keyspace.get(name.getBytes(StandardCharsets.UTF_8), revision);
    assertThat(version).as("%s at %s", name, revision).isNotNull();
    ByteString value = version == null ? null : version.value();
    return value == null ? ByteString.EMPTY : value;
  }

  @Test
  void whoReadsWhileValuesMoveReadsTheSame() throws InterruptedException {
    Keyspace keyspace = new Keyspace();
    int keys = 500;
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    write(keyspace, keys, 0);
    Thread reader =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, thrown) -> failures.add(thrown))
            .start(() -> {
              while (keyspace.revision() < 40L * keys) {
                long at = keyspace.revision();
                keyspace.forEach(
                    KeyRange.of(ByteString.copyFromUtf8("k"), ByteString.copyFromUtf8("\0")),
                    at,
                    version -> {
                      ByteString value = version.value();
                      // Each value repeats its key's number, so that a wrong place would show.
                      byte expected = version.key()[version.key().length - 1];
                      assertThat(value).isNotNull();
                      if (value != null) {
                        assertThat(value.byteAt(0)).isEqualTo(expected);
                        assertThat(value.byteAt(value.size() - 1)).isEqualTo(expected);
                      }
                    });
              }
            });
    for (int round = 1; keyspace.revision() < 40L * keys; round++) {
      write(keyspace, keys, round);
      if (round % 3 == 0) {
        keyspace.compact(keyspace.revision() - 10);
        keyspace.sweep();
      }
    }
    reader.join();
    assertThat(failures).isEmpty();
  }

  private static void write(Keyspace keyspace, int keys, int round) {
    for (int i = 0; i < keys; i++) {
      if (round == 0 || i % 7 != 0) {
        byte[] key = ("k" + i / 100 + (char) ('0' + i % 100)).getBytes(StandardCharsets.UTF_8);
        byte[] value = new byte[2_000];
        Arrays.fill(value, key[key.length - 1]);
        Transaction transaction = keyspace.begin();
        var _ = transaction.put(key, ByteString.copyFrom(value), 0);
        var _ = transaction.commit();
      }
    }
  }
}
