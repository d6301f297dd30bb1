package dev.coxswain.bench.store;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The start-up cache with which {@code cox} runs its store: what a first run learned about the
 * program's classes. A member without it loads a thousand of them at the moment it becomes leader.
 */
final class StartupCache {
  private static final int CALLERS = 16;
  private static final Duration LESSON = Duration.ofSeconds(5);

  private StartupCache() {}

  /**
   * Has one member live a short life, below a directory.
   *
   * @return the flags of members that use what it learned
   * @throws IOException when it left no cache
   */
  static List<String> train(Path directory, List<String> java, Time time)
      throws IOException, InterruptedException {
    Path cache = directory.resolve("store.aot");
    List<String> flags = new ArrayList<>(java);
    flags.add("-XX:AOTCacheOutput=" + cache);
    Path home = directory.resolve("training");
    try (Contender pupil =
        new Contender(
            new Members(Members.Kind.COXSWAIN, 1, home, time, flags, List.of()), time, CALLERS)) {
      var _ = pupil.members().awaitReady();
      var _ = pupil.load().window(Work.MIX, CALLERS, LESSON);
    }
    if (!Files.exists(cache)) {
      throw new IOException("the member that was trained left no start-up cache: see " + home);
    }
    return List.of("-XX:AOTCache=" + cache);
  }
}
