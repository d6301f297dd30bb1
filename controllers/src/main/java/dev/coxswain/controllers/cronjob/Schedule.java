package dev.coxswain.controllers.cronjob;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When a CronJob is due: {@code .spec.schedule} in its time zone. */
sealed interface Schedule {
  /** The latest time that is after the one and not after the other. */
  Optional<Instant> latest(Instant after, Instant until);

  /** The first time after this one. */
  Optional<Instant> next(Instant after);

  /**
   * Reads five fields of cron, a nickname such as {@code @hourly}, or {@code @every 90m}.
   *
   * @throws IllegalArgumentException when it is none of these
   */
  static Schedule parse(String text, ZoneId zone) {
    String trimmed = text.strip();
    if (trimmed.startsWith("@every ")) {
      return new Every(Every.duration(trimmed.substring("@every ".length()).strip()));
    }
    if (trimmed.startsWith("@") && !Fields.NICKNAMES.containsKey(trimmed)) {
      throw new IllegalArgumentException("unrecognized descriptor: " + trimmed);
    }
    return new Fields(
        ExecutionTime.forCron(
            Fields.PARSER.parse(Fields.NICKNAMES.getOrDefault(trimmed, trimmed).replace('?', '*'))),
        zone);
  }

  /** The five fields: whole minutes of a time zone. */
  record Fields(ExecutionTime times, ZoneId zone) implements Schedule {
    private static final CronParser PARSER =
        new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    private static final Map<String, String> NICKNAMES =
        Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    @Override
    public Optional<Instant> latest(Instant after, Instant until) {
      // The library looks strictly before what it is given.
      return times
          .lastExecution(minute(until).plusMinutes(1))
          .map(ZonedDateTime::toInstant)
          .filter(time -> time.isAfter(after) && !time.isAfter(until));
    }

    @Override
    public Optional<Instant> next(Instant after) {
      return times.nextExecution(minute(after)).map(ZonedDateTime::toInstant);
    }

    private ZonedDateTime minute(Instant time) {
      return time.truncatedTo(ChronoUnit.MINUTES).atZone(zone);
    }
  }

  /** A constant pause, counted from the time before. */
  record Every(Duration pause) implements Schedule {
    private static final Pattern PART = Pattern.compile("(\\d{1,9})(h|m|s)");

    @Override
    public Optional<Instant> latest(Instant after, Instant until) {
      long passed = Duration.between(after, until).dividedBy(pause);
      return passed < 1 ? Optional.empty() : Optional.of(after.plus(pause.multipliedBy(passed)));
    }

    @Override
    public Optional<Instant> next(Instant after) {
      return Optional.of(after.plus(pause));
    }

    private static Duration duration(String text) {
      Matcher part = PART.matcher(text);
      Duration sum = Duration.ZERO;
      int end = 0;
      while (part.find() && part.start() == end) {
        long number = Long.parseLong(part.group(1));
        sum =
            sum.plus(
                switch (part.group(2)) {
                  case "h" -> Duration.ofHours(number);
                  case "m" -> Duration.ofMinutes(number);
                  default -> Duration.ofSeconds(number);
                });
        end = part.end();
      }
      if (end != text.length() || sum.isZero()) {
        throw new IllegalArgumentException("failed to parse duration @every " + text);
      }
      return sum;
    }
  }
}
