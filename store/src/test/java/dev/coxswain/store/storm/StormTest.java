package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.history.Answer;
import dev.coxswain.store.history.Call;
import dev.coxswain.store.history.Recording;
import dev.coxswain.store.history.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Real members through a storm; by default one, with a seed of its own. {@code mvn verify -Pstorms
 * -pl store -am} goes on for two hours, {@code -Dcoxswain.store.storm.minutes=10} for ten minutes,
 * {@code -Dcoxswain.store.storm.firstSeed=7} begins with that seed, and {@code
 * -Dcoxswain.store.storm.kind=leader-kills} does nothing but kill leaders.
 */
final class StormTest {
  private static final Logger LOG = LoggerFactory.getLogger(StormTest.class);
  private static final Duration LENGTH =
      Duration.ofMinutes(Integer.getInteger("coxswain.store.storm.minutes", 0));
  private static final boolean LEADER_KILLS =
      "leader-kills".equals(System.getProperty("coxswain.store.storm.kind"));
  private static final long FIRST_SEED = Long.getLong("coxswain.store.storm.firstSeed", 1L);
  private static final Path HOME = Path.of("target", "storms");

  /** A storm in which less than this was answered has shown nothing. */
  private static final int LEAST_ANSWERED = 1_000;

  @Test
  void whatClientsSawOfAStormIsOneOrderOfRevisions() throws IOException, InterruptedException {
    assertThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    Time time = new SystemTime();
    long started = time.nanos();
    long seed = FIRST_SEED;
    do {
      storm(seed++);
    } while (time.nanos() - started < LENGTH.toNanos());
    LOG.info("{} storms passed, {} to {}", seed - FIRST_SEED, FIRST_SEED, seed - 1);
  }

  private static void storm(long seed) throws IOException, InterruptedException {
    Path directory = HOME.resolve("seed-" + seed).toAbsolutePath();
    clear(directory);
    Files.createDirectories(directory);
    try (Storm storm =
        new Storm(seed, LEADER_KILLS ? Schedule::leaderKills : Schedule::everything, directory)) {
      LOG.info("storm with seed {}:{}", seed, storm.schedule());
      try {
        Recording recording = storm.run();
        report(seed, recording);
        List<Violation> violations = recording.violations();
        assertThat(violations.stream().limit(10)).isEmpty();
        assertThat(storm.hashes().stream().distinct()).hasSize(1);
        assertThat(recording.calls().stream().filter(StormTest::answered).count())
            .isGreaterThan(LEAST_ANSWERED);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "storm "
                + seed
                + " (again with -Dcoxswain.store.storm.firstSeed="
                + seed
                + "; the members' logs are in "
                + directory
                + "):"
                + storm.schedule(),
            e);
      }
    }
    clear(directory);
  }

  private static boolean answered(Call call) {
    return !(call.answer() instanceof Answer.Unknown || call.answer() instanceof Answer.Refused);
  }

  private static void report(long seed, Recording recording) {
    Map<String, Long> answers =
        recording.calls().stream()
            .collect(
                Collectors.groupingBy(
                    call -> call.answer().getClass().getSimpleName(), Collectors.counting()));
    LOG.info(
        "storm {}: {}, {} revisions, {} leases",
        seed,
        answers,
        recording.chronicle().last(),
        recording.tenures().size());
  }

  private static void clear(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        files
            .sorted(Comparator.reverseOrder())
            .forEach(file -> {
              try {
                Files.delete(file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
    }
  }
}
