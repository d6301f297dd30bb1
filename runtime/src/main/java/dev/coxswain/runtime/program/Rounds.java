package dev.coxswain.runtime.program;

import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop by which a part of a program lives. A round that fails of what nobody foresaw is told in
 * one line, and the next one begins after a pause: one object that a bug cannot deal with must not
 * cost a node its lease, nor a cluster its scheduler.
 */
public final class Rounds {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

  /** The pause after a failure; what fails at once must not fail as fast as a processor can. */
  static final Duration PAUSE = Duration.ofSeconds(1);

  /** One round. */
  @FunctionalInterface
  public interface Round {
    /** Does what there is to do, and waits for the next time; an interrupt ends the loop. */
    void run() throws InterruptedException;
  }

  private Rounds() {}

  /**
   * Runs rounds on a virtual thread of their own.
   *
   * @param name of the loop, for the log and its thread
   * @param wanted whether there is to be another round
   */
  public static Thread start(String name, Time time, BooleanSupplier wanted, Round round) {
    return Thread.ofVirtual().name(name).start(() -> run(name, time, wanted, round));
  }

  /** Runs rounds on this thread, until none is wanted or the thread is interrupted. */
  public static void run(String name, Time time, BooleanSupplier wanted, Round round) {
    String told = "";
    try {
      while (wanted.getAsBoolean()) {
        try {
          round.run();
          if (!told.isEmpty()) {
            told = "";
            LOG.info("{} works again", name);
          }
        } catch (RuntimeException bug) {
          String line = line(bug);
          // Of a row that is all the same, the first is news.
          if (!line.equals(told)) {
            told = line;
            LOG.error("{} failed and goes on: {}", name, line);
          }
          LOG.debug("{} failed", name, bug);
          time.sleep(PAUSE);
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** What happened and where, in one line. */
  public static String line(RuntimeException bug) {
    String where =
        Stream.of(bug.getStackTrace()).findFirst().map(frame -> " (" + frame + ")").orElse("");
    return (bug + where).replaceAll("\\s+", " ");
  }
}
