package dev.coxswain.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What must come of a pod, as its annotations say:
 *
 * <ul>
 *   <li>{@code expect/phase}: the phase, Succeeded where none is given
 *   <li>{@code expect/status}: for each line {@code /json/pointer = text}, where {@code *} stands
 *       for anything but nothing, or {@code /json/pointer ~ part}, or {@code /json/pointer >=
 *       number}
 *   <li>{@code expect/event}: part of the message of an event
 *   <li>{@code expect/log}: lines of its containers' logs, in any order
 * </ul>
 */
record Expectation(String pod, String phase, List<String> status, String event, List<String> log) {
  private static final String PREFIX = "expect/";
  private static final Pattern STATUS = Pattern.compile("(\\S+) (=|~|>=) ?(.*)");

  /** Where to look. */
  interface Evidence {
    JsonNode status();

    List<String> log();

    List<String> events();

    /** What stands for what in expected texts. */
    Map<String, String> names();
  }

  static boolean isDeclaredBy(JsonNode pod) {
    return pod.path("metadata").path("annotations").propertyNames().stream()
        .anyMatch(name -> name.startsWith(PREFIX));
  }

  static Expectation of(JsonNode pod) {
    JsonNode said = pod.path("metadata").path("annotations");
    return new Expectation(
        pod.path("metadata").path("name").asString(),
        said.path(PREFIX + "phase").asString("Succeeded"),
        said.path(PREFIX + "status").asString("").lines().toList(),
        said.path(PREFIX + "event").asString(""),
        said.path(PREFIX + "log").asString("").lines().toList());
  }

  /** What does not hold yet, in words; the cheap looks first. */
  List<String> unmet(Evidence evidence) {
    JsonNode seen = evidence.status();
    List<String> unmet = new ArrayList<>();
    String seenPhase = seen.path("phase").asString("");
    if (!seenPhase.equals(phase)) {
      unmet.add("phase is " + seenPhase + ", not " + phase + ": " + seen);
    }
    status.forEach(line -> check(line, seen, unmet));
    if (unmet.isEmpty() && !event.isEmpty()) {
      List<String> events = evidence.events();
      if (events.stream().noneMatch(message -> message.contains(event))) {
        unmet.add("no event says " + event + ": " + events);
      }
    }
    if (unmet.isEmpty() && !log.isEmpty()) {
      List<String> lines = evidence.log();
      for (String line : log) {
        String wanted = line;
        for (Map.Entry<String, String> name : evidence.names().entrySet()) {
          wanted = wanted.replace(name.getKey(), name.getValue());
        }
        if (!lines.contains(wanted)) {
          unmet.add("the log lacks " + wanted + ": " + lines);
        }
      }
    }
    return unmet;
  }

  private static void check(String line, JsonNode seen, List<String> unmet) {
    Matcher matcher = STATUS.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not an expectation of a status: " + line);
    }
    String actual = seen.at(matcher.group(1)).asString("");
    String wanted = matcher.group(3);
    boolean holds =
        switch (matcher.group(2)) {
          case "=" -> wanted.equals("*") ? !actual.isEmpty() : actual.equals(wanted);
          case "~" -> actual.contains(wanted);
          default -> !actual.isEmpty() && Integer.parseInt(actual) >= Integer.parseInt(wanted);
        };
    if (!holds) {
      unmet.add(line + ", but it is \"" + actual + "\"");
    }
  }
}
