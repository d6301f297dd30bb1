package dev.coxswain.store.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LeaseClockTest {
  private final LeaseTable table = new LeaseTable();
  private final LeaseClock clock = new LeaseClock();

  @Test
  void leaseEndsWhenItsTimeIsOverAndIsReportedOnce() {
    clock.lead(table, 0);
    clock.start(7, 10, 0);
    assertThat(clock.takeExpired(seconds(9), 100)).isEmpty();
    assertThat(clock.takeExpired(seconds(10), 100)).containsExactly(7L);
    assertThat(clock.takeExpired(seconds(11), 100)).isEmpty();
    clock.retry(7);
    assertThat(clock.takeExpired(seconds(12), 100)).containsExactly(7L);
  }

  @Test
  void renewalGivesTheFullTimeButNotOnceItIsBeingEnded() {
    clock.lead(table, 0);
    clock.start(7, 10, 0);
    assertThat(clock.renew(7, 10, seconds(8))).isTrue();
    assertThat(clock.secondsLeft(7, seconds(9))).hasValue(9);
    assertThat(clock.takeExpired(seconds(18), 100)).containsExactly(7L);
    assertThat(clock.renew(7, 10, seconds(18))).isFalse();
  }

  @Test
  void newLeaderGivesEveryLeaseItsFullTimeAndFollowersCountNothing() {
    table.grant(7, 10);
    clock.start(7, 10, 0);
    assertThat(clock.secondsLeft(7, 0)).isEmpty();
    clock.lead(table, seconds(100));
    assertThat(clock.secondsLeft(7, seconds(101))).hasValue(9);
    clock.follow();
    assertThat(clock.takeExpired(seconds(1000), 100)).isEmpty();
    assertThat(clock.renew(7, 10, seconds(1000))).isFalse();
  }

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }
}
