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
    assertThat(clock.renew(7, 10, seconds(8))).isEqualTo(LeaseClock.Renewal.RENEWED);
    assertThat(clock.secondsLeft(7, seconds(9))).hasValue(9);
    assertThat(clock.takeExpired(seconds(18), 100)).containsExactly(7L);
    assertThat(clock.renew(7, 10, seconds(18))).isEqualTo(LeaseClock.Renewal.ENDING);
    assertThat(clock.renew(8, 10, seconds(18))).isEqualTo(LeaseClock.Renewal.UNKNOWN);
  }

  @Test
  void whoAsksAboutALeaseThatIsBeingEndedHearsWhenThatIsDecided() {
    clock.lead(table, 0);
    clock.start(7, 10, 0);
    clock.start(8, 10, 0);
    clock.start(9, 10, 0);
    assertThat(clock.decided(7)).as("nothing is to be decided").isCompleted();
    assertThat(clock.takeExpired(seconds(10), 100)).hasSize(3);
    var ended = clock.decided(7);
    var failed = clock.decided(8);
    var elsewhere = clock.decided(9);
    assertThat(ended).isNotDone();
    clock.end(7);
    assertThat(ended).isCompleted();
    assertThat(failed).isNotDone();
    clock.retry(8);
    assertThat(failed).isCompleted();
    assertThat(elsewhere).isNotDone();
    clock.follow();
    assertThat(elsewhere).isCompleted();
  }

  @Test
  void theLongestLeaseIsCountedToItsEnd() {
    long longest = 9_000_000_000L;
    clock.lead(table, seconds(100));
    clock.start(7, longest, seconds(100));
    assertThat(clock.secondsLeft(7, seconds(101))).hasValue(longest - 1);
    assertThat(clock.takeExpired(seconds(200), 100)).isEmpty();
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
    assertThat(clock.renew(7, 10, seconds(1000))).isEqualTo(LeaseClock.Renewal.ELSEWHERE);
  }

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }
}
