package dev.coxswain.store.bolt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoltFileTest {
  @TempDir Path directory;

  @Test
  void bucketsComeBackAsTheyWereWritten() throws Exception {
    Map<String, SortedMap<byte[], byte[]>> written = new TreeMap<>();
    written.put("empty", new TreeMap<>(Arrays::compareUnsigned));
    written.put("large", pairs(1, 40, 20_000));
    written.put("many", pairs(2, 30_000, 60));
    written.put("one", pairs(3, 1, 5));
    Path file = write(written);

    assertThat(read(file)).usingRecursiveComparison().isEqualTo(hex(written));
  }

  @Test
  void aDamagedFileIsRefusedOrReadAsItWasNeverHalf() throws Exception {
    Map<String, SortedMap<byte[], byte[]>> written = new TreeMap<>();
    written.put("key", pairs(4, 500, 100));
    Path file = write(written);
    byte[] sound = Files.readAllBytes(file);
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      byte[] damaged = sound.clone();
      for (int i = 0; i < 4; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Path target = directory.resolve("damaged");
      Files.write(target, damaged);
      try {
        read(target);
      } catch (IOException expected) {
        assertThat(expected).hasMessageContaining("damaged");
      }
    }
  }

  @Test
  void aFileThatEndsEarlyIsRefused() throws Exception {
    Map<String, SortedMap<byte[], byte[]>> written = new TreeMap<>();
    written.put("key", pairs(6, 500, 100));
    Path file = write(written);
    byte[] sound = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(sound, sound.length - 3 * Layout.PAGE_BYTES));
    assertThatThrownBy(() -> read(file)).isInstanceOf(IOException.class);
    Files.write(file, new byte[100]);
    assertThatThrownBy(() -> read(file)).isInstanceOf(IOException.class);
  }

  @Test
  void aFileGrowsNoFurtherThanThereIsRoom() throws Exception {
    Path file = directory.resolve("cut");
    AtomicInteger looks = new AtomicInteger();
    BoltWriter.Room room =
        () -> {
          if (looks.incrementAndGet() == 3) {
            throw new IOException("no room");
          }
        };
    try (BoltWriter writer = BoltWriter.create(file, room)) {
      assertThatThrownBy(() ->
              writer.bucket(
                  "key",
                  pairs -> {
                    for (int i = 0; i < 10_000; i++) {
                      pairs.put(bytes("%05d".formatted(i)), new byte[4000]);
                    }
                  }))
          .hasMessage("no room");
    }
    assertThat(Files.size(file)).isLessThan(3 << 20);
  }

  @Test
  void keysOutOfOrderAreAnErrorOfTheCaller() throws Exception {
    try (BoltWriter writer = BoltWriter.create(directory.resolve("unordered"))) {
      assertThatThrownBy(() ->
              writer.bucket(
                  "key",
                  pairs -> {
                    pairs.put(bytes("b"), bytes("1"));
                    pairs.put(bytes("a"), bytes("2"));
                  }))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private Path write(Map<String, SortedMap<byte[], byte[]>> buckets) throws IOException {
    Path file = directory.resolve("bolt.db");
    try (BoltWriter writer = BoltWriter.create(file)) {
      for (Map.Entry<String, SortedMap<byte[], byte[]>> bucket : buckets.entrySet()) {
        writer.bucket(
            bucket.getKey(),
            pairs -> {
              for (Map.Entry<byte[], byte[]> pair : bucket.getValue().entrySet()) {
                pairs.put(pair.getKey(), pair.getValue());
              }
            });
      }
      writer.finish();
    }
    return file;
  }

  private static Map<String, Map<String, String>> read(Path file) throws IOException {
    Map<String, Map<String, String>> found = new TreeMap<>();
    try (BoltFile bolt = BoltFile.open(file)) {
      for (String bucket : bolt.buckets()) {
        Map<String, String> pairs = new TreeMap<>();
        bolt.forEach(bucket, (key, value) -> pairs.put(text(key), text(value)));
        found.put(bucket, pairs);
      }
    }
    return found;
  }

  private static Map<String, Map<String, String>> hex(
      Map<String, SortedMap<byte[], byte[]>> buckets) {
    Map<String, Map<String, String>> texts = new TreeMap<>();
    buckets.forEach((name, pairs) -> {
      Map<String, String> bucket = new TreeMap<>();
      pairs.forEach((key, value) -> bucket.put(text(key), text(value)));
      texts.put(name, bucket);
    });
    return texts;
  }

  private static SortedMap<byte[], byte[]> pairs(long seed, int count, int largest) {
    Random random = new Random(seed);
    TreeMap<byte[], byte[]> pairs = new TreeMap<>(Arrays::compareUnsigned);
    while (pairs.size() < count) {
      byte[] key = new byte[1 + random.nextInt(30)];
      byte[] value = new byte[random.nextInt(largest)];
      random.nextBytes(key);
      random.nextBytes(value);
      pairs.put(key, value);
    }
    return pairs;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
