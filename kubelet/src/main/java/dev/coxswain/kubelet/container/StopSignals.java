package dev.coxswain.kubelet.container;

import io.fabric8.kubernetes.api.model.Container;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The signals that a container may be stopped with, by the numbers that Linux gives them. */
public final class StopSignals {
  private static final int FIRST_REAL_TIME = 34;
  private static final int LAST_REAL_TIME = 64;
  private static final Pattern REAL_TIME =
      Pattern.compile("SIGRT(?:MIN(?:\\+(?<after>\\d+))?|MAX(?:-(?<before>\\d+))?)");

  /** As on every processor but Alpha, MIPS, PA-RISC and SPARC. */
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("SIGHUP", 1),
          Map.entry("SIGINT", 2),
          Map.entry("SIGQUIT", 3),
          Map.entry("SIGILL", 4),
          Map.entry("SIGTRAP", 5),
          Map.entry("SIGABRT", 6),
          Map.entry("SIGIOT", 6),
          Map.entry("SIGBUS", 7),
          Map.entry("SIGFPE", 8),
          Map.entry("SIGKILL", 9),
          Map.entry("SIGUSR1", 10),
          Map.entry("SIGSEGV", 11),
          Map.entry("SIGUSR2", 12),
          Map.entry("SIGPIPE", 13),
          Map.entry("SIGALRM", 14),
          Map.entry("SIGTERM", 15),
          Map.entry("SIGSTKFLT", 16),
          Map.entry("SIGCHLD", 17),
          Map.entry("SIGCLD", 17),
          Map.entry("SIGCONT", 18),
          Map.entry("SIGSTOP", 19),
          Map.entry("SIGTSTP", 20),
          Map.entry("SIGTTIN", 21),
          Map.entry("SIGTTOU", 22),
          Map.entry("SIGURG", 23),
          Map.entry("SIGXCPU", 24),
          Map.entry("SIGXFSZ", 25),
          Map.entry("SIGVTALRM", 26),
          Map.entry("SIGPROF", 27),
          Map.entry("SIGWINCH", 28),
          Map.entry("SIGIO", 29),
          Map.entry("SIGPOLL", 29),
          Map.entry("SIGPWR", 30),
          Map.entry("SIGSYS", 31));

  private StopSignals() {}

  /** What the container asks for; empty where its image or the runtime is to say. */
  public static OptionalInt of(Container container) {
    return container.getLifecycle() == null || container.getLifecycle().getStopSignal() == null
        ? OptionalInt.empty()
        : number(container.getLifecycle().getStopSignal());
  }

  static OptionalInt number(String name) {
    @Nullable Integer number = NUMBERS.get(name);
    if (number != null) {
      return OptionalInt.of(number);
    }
    Matcher matcher = REAL_TIME.matcher(name);
    if (!matcher.matches()) {
      return OptionalInt.empty();
    }
    int signal =
        name.startsWith("SIGRTMIN")
            ? FIRST_REAL_TIME + count(matcher.group("after"))
            : LAST_REAL_TIME - count(matcher.group("before"));
    return signal >= FIRST_REAL_TIME && signal <= LAST_REAL_TIME
        ? OptionalInt.of(signal)
        : OptionalInt.empty();
  }

  private static int count(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
