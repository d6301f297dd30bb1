package dev.coxswain.apiserver.kinds.workload;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is wrong with the schedule of a CronJob, in the words of the parser that upstream uses. */
final class Schedules {
  private static final Set<String> MACROS =
      Set.of("@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly");
  private static final String EVERY = "@every ";
  private static final Pattern DURATION =
      Pattern.compile("[+-]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)");
  private static final List<String> MONTHS =
      List.of(
          "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
  private static final List<Field> FIELDS =
      List.of(
          new Field(0, 59, List.of()),
          new Field(0, 23, List.of()),
          new Field(1, 31, List.of()),
          new Field(1, 12, MONTHS),
          new Field(0, 6, DAYS));

  private Schedules() {}

  /** What is wrong; empty where nothing is. */
  static Optional<String> problem(String schedule) {
    if (schedule.startsWith("@")) {
      return macro(schedule);
    }
    String[] parts = schedule.strip().split("\\s+");
    if (parts.length != FIELDS.size()) {
      return Optional.of(
          "expected exactly "
              + FIELDS.size()
              + " fields, found "
              + parts.length
              + ": ["
              + String.join(" ", parts)
              + "]");
    }
    for (int i = 0; i < parts.length; i++) {
      for (String range : parts[i].split(",", -1)) {
        String problem = range.isEmpty() ? null : FIELDS.get(i).problem(range);
        if (problem != null) {
          return Optional.of(problem);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> macro(String text) {
    if (MACROS.contains(text)) {
      return Optional.empty();
    }
    if (!text.startsWith(EVERY)) {
      return Optional.of("unrecognized descriptor: " + text);
    }
    String duration = text.substring(EVERY.length());
    return DURATION.matcher(duration).matches()
        ? Optional.empty()
        : Optional.of(
            "failed to parse duration " + text + ": time: invalid duration \"" + duration + "\"");
  }

  /**
   * One of the five.
   *
   * @param names the names of the numbers, by which they may be called
   */
  private record Field(int least, int most, List<String> names) {
    @Nullable String problem(String range) {
      String[] parts = range.split("/", -1);
      String[] ends = parts[0].split("-", -1);
      boolean all = ends[0].equals("*") || ends[0].equals("?");
      if (!all && ends.length > 2) {
        return "too many hyphens: " + range;
      }
      if (parts.length > 2) {
        return "too many slashes: " + range;
      }
      try {
        int start = all ? least : number(ends[0]);
        int end = all ? most : number(ends[ends.length - 1]);
        // From a single number on, where only every so many are meant.
        int last = parts.length == 2 && ends.length == 1 ? most : end;
        int step = parts.length == 2 ? whole(parts[1]) : 1;
        return bounds(start, last, step, range);
      } catch (NumberFormatException malformed) {
        return malformed.getMessage();
      }
    }

    private @Nullable String bounds(int start, int end, int step, String range) {
      if (start < least) {
        return "beginning of range (%d) below minimum (%d): %s".formatted(start, least, range);
      }
      if (end > most) {
        return "end of range (%d) above maximum (%d): %s".formatted(end, most, range);
      }
      if (start > end) {
        return "beginning of range (%d) beyond end of range (%d): %s".formatted(start, end, range);
      }
      return step == 0 ? "step of range should be a positive number: " + range : null;
    }

    private int number(String text) {
      int named = text.isEmpty() ? -1 : names.indexOf(text.toLowerCase(Locale.ROOT));
      return named >= 0 ? named : whole(text);
    }

    private static int whole(String text) {
      try {
        int number = Integer.parseInt(text);
        if (number < 0) {
          throw new NumberFormatException("negative number (" + number + ") not allowed: " + text);
        }
        return number;
      } catch (NumberFormatException malformed) {
        String why = String.valueOf(malformed.getMessage());
        throw new NumberFormatException(
            why.startsWith("negative")
                ? why
                : "failed to parse int from "
                    + text
                    + ": strconv.Atoi: parsing \""
                    + text
                    + "\": invalid syntax");
      }
    }
  }
}
