package dev.coxswain.store.storm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process wrote to its log and when it flushed it, read from {@code strace -f -y -ttt -T}.
 * Times are seconds of the wall clock, as strace prints them.
 */
final class FlushTrace {
  /** PID, time, call with its first argument's path, and the duration of a call shown whole. */
  private static final Pattern CALL =
      Pattern.compile("^(\\d+) +([\\d.]+) (\\w+)\\(\\d+<([^>]*)>(.*)$");

  private static final Pattern DURATION = Pattern.compile("<([\\d.]+)>$");
  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+) +([\\d.]+) <\\.\\.\\. (\\w+) resumed>(.*)$");

  private final List<Call> calls = new ArrayList<>();

  private record Call(String name, String path, String text, double begun, double ended) {}

  private record Open(String name, String path, String text, double begun) {}

  /** Reads what strace wrote; calls that had not returned are left out. */
  FlushTrace(List<String> lines) {
    Map<String, Open> open = new HashMap<>();
    for (String line : lines) {
      Matcher resumed = RESUMED.matcher(line);
      Matcher call = CALL.matcher(line);
      if (resumed.matches()) {
        Open begun = open.remove(resumed.group(1));
        if (begun != null && succeeded(resumed.group(4))) {
          calls.add(
              new Call(
                  begun.name(),
                  begun.path(),
                  begun.text(),
                  begun.begun(),
                  Double.parseDouble(resumed.group(2))));
        }
      } else if (call.matches()) {
        double begun = Double.parseDouble(call.group(2));
        String text = call.group(5);
        Matcher duration = DURATION.matcher(text);
        if (text.endsWith("<unfinished ...>")) {
          open.put(call.group(1), new Open(call.group(3), call.group(4), text, begun));
        } else if (duration.find() && succeeded(text)) {
          calls.add(
              new Call(
                  call.group(3),
                  call.group(4),
                  text,
                  begun,
                  begun + Double.parseDouble(duration.group(1))));
        }
      }
    }
  }

  private static boolean succeeded(String text) {
    return !text.contains("= -1 ");
  }

  /** When a text was safely in the log: the end of the first flush begun after it was written. */
  OptionalDouble flushed(String text) {
    return calls.stream()
        .filter(call -> call.name().contains("write"))
        .filter(call -> call.path().contains("/log_") && call.text().contains(text))
        .flatMap(write ->
            calls.stream()
                .filter(call -> call.name().endsWith("sync"))
                .filter(call -> call.path().equals(write.path()))
                .filter(call -> call.begun() >= write.ended()))
        .mapToDouble(Call::ended)
        .min();
  }
}
