package dev.coxswain.proxy.kernel;

import java.time.Duration;
import java.util.List;

/**
 * A program to run.
 *
 * @param words the program and its arguments; no shell reads them
 * @param input what it gets on standard input; empty for nothing
 * @param deadline after this it is killed and has failed
 */
public record Command(List<String> words, String input, Duration deadline) {
  /** Generous for everything that looks at or changes a few kernel objects. */
  public static final Duration SHORT_DEADLINE = Duration.ofSeconds(10);

  public Command {
    words = List.copyOf(words);
  }

  /** A short command without input. */
  public static Command of(String... words) {
    return new Command(List.of(words), "", SHORT_DEADLINE);
  }

  /** Sets a kernel parameter, named as under {@code /proc/sys} with slashes. */
  public static Command sysctl(String name, String value) {
    return new Command(List.of("tee", "/proc/sys/" + name), value, SHORT_DEADLINE);
  }

  /** The words as a person would type them. */
  @Override
  public String toString() {
    return String.join(" ", words);
  }
}
