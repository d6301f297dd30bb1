package dev.coxswain.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScheduleTest {
  private static final Instant FRIDAY = Instant.parse("2026-03-06T10:20:30.5Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "* * * * *      | 2026-03-06T10:20:00Z | 2026-03-06T10:21:00Z",
        "*/15 * * * ?   | 2026-03-06T10:15:00Z | 2026-03-06T10:30:00Z",
        "5/15 8-17 * * MON-FRI | 2026-03-06T10:20:00Z | 2026-03-06T10:35:00Z",
        "0 0 1 * 0      | 2026-03-01T00:00:00Z | 2026-03-08T00:00:00Z",
        "@hourly        | 2026-03-06T10:00:00Z | 2026-03-06T11:00:00Z",
        "@weekly        | 2026-03-01T00:00:00Z | 2026-03-08T00:00:00Z",
        "30 4 29 2 *    | 2024-02-29T04:30:00Z | 2028-02-29T04:30:00Z",
      })
  void isReadAsCronDoes(String text, Instant latest, Instant next) {
    Schedule schedule = Schedule.parse(text, ZoneOffset.UTC);
    assertThat(schedule.latest(Instant.EPOCH, FRIDAY)).contains(latest);
    assertThat(schedule.latest(latest, FRIDAY)).isEmpty();
    assertThat(schedule.next(FRIDAY)).contains(next);
  }

  @Test
  void aWholeMinuteIsItsOwnTime() {
    Schedule schedule = Schedule.parse("* * * * *", ZoneOffset.UTC);
    Instant minute = Instant.parse("2026-03-06T10:20:00Z");
    assertThat(schedule.latest(Instant.EPOCH, minute)).contains(minute);
    assertThat(schedule.next(minute)).contains(minute.plusSeconds(60));
  }

  @Test
  void theZoneMovesTheHour() {
    Schedule schedule = Schedule.parse("0 9 * * *", ZoneId.of("Asia/Tokyo"));
    assertThat(schedule.next(FRIDAY)).contains(Instant.parse("2026-03-07T00:00:00Z"));
  }

  @Test
  void aConstantPauseRunsFromTheTimeBefore() {
    Schedule schedule = Schedule.parse("@every 1h30m", ZoneOffset.UTC);
    assertThat(schedule.next(FRIDAY)).contains(FRIDAY.plusSeconds(5400));
    assertThat(schedule.latest(FRIDAY, FRIDAY.plusSeconds(5399))).isEmpty();
    assertThat(schedule.latest(FRIDAY, FRIDAY.plusSeconds(11000)))
        .contains(FRIDAY.plusSeconds(10800));
  }

  @Test
  void aDayThatNeverComesIsNoTime() {
    Schedule schedule = Schedule.parse("0 0 31 2 *", ZoneOffset.UTC);
    assertThat(schedule.latest(Instant.EPOCH, FRIDAY)).isEmpty();
    assertThat(schedule.next(FRIDAY)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"hello", "61 * * * *", "* * * *", "@sometimes", "@every soon", "@every 0s"})
  void nonsenseIsRefused(String text) {
    assertThatThrownBy(() -> Schedule.parse(text, ZoneOffset.UTC))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
