package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.time.LateTimers;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LeaderElectorTest {
  private static final ObjectKey LEASE = new ObjectKey("kube-system", "scheduler");

  private ManualTime time = new ManualTime();

  private static final Logger LOG = (Logger) LoggerFactory.getLogger(LeaderElector.class);

  /** Two hundred seeds of lost leases are no news. */
  @BeforeAll
  static void mute() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void unmute() {
    LOG.setLevel(null);
  }

  /** A candidate that drives its elector by timers, so that a run is repeatable. */
  private final class Candidate implements LeaderElector.Listener {
    private final String name;
    private final LeaderElector elector;
    private boolean leads;
    private boolean down;

    Candidate(String name, FakeApi api, Randomness random) {
      this.name = name;
      elector =
          new LeaderElector(api, LEASE, name, LeaderElector.Timing.DEFAULT, this, time, random);
    }

    void run() {
      if (!down) {
        time.after(elector.step(), this::run);
      }
    }

    @Override
    public void leading() {
      leads = true;
    }

    @Override
    public void lost() {
      leads = false;
    }
  }

  @Test
  void asksMoreOftenWhileNobodyAnswers() {
    var api = new FakeApi(time, Randomness.seeded(1));
    api.faults(new FakeFaults(1, 0, 0, 0));
    var candidate = new Candidate("one", api, Randomness.seeded(2));
    Duration retry = LeaderElector.Timing.DEFAULT.retry();
    for (int i = 0; i < 20; i++) {
      assertThat(candidate.elector.step()).isLessThan(retry);
    }
    api.faults(FakeFaults.NONE);
    assertThat(candidate.elector.step()).isEqualTo(LeaderElector.Timing.DEFAULT.renewal());
    assertThat(candidate.leads).isTrue();
    api.faults(new FakeFaults(1, 0, 0, 0));
    assertThat(candidate.elector.step()).as("a leader that cannot renew").isLessThan(retry);
  }

  @Test
  void aLeaderWhoseRenewalsAreSlowRenewsSoonerAndKeepsTheLease() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    assertThat(one.elector.step()).isEqualTo(LeaderElector.Timing.DEFAULT.renewal());
    Duration slow = Duration.ofMillis(2500);
    assertThat(slow)
        .isBetween(
            LeaderElector.Timing.DEFAULT.renewal(), LeaderElector.Timing.DEFAULT.renewDeadline());
    time.advance(Duration.ofMillis(1400));
    api.onTheWay(() -> time.advance(slow));
    for (int renewal = 0; renewal < 20; renewal++) {
      time.advance(one.elector.step());
      assertThat(one.leads).as("after renewal %d", renewal).isTrue();
    }
  }

  @Test
  void oneOfTwoLeadsAndTheOtherFollowsWhenItStopsRenewing() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    var two = new Candidate("two", api, Randomness.seeded(3));
    one.run();
    two.run();
    time.advance(Duration.ofMinutes(5));
    assertThat(one.leads).isTrue();
    assertThat(two.leads).isFalse();
    Lease lease = api.resource(Lease.class).find(LEASE).orElseThrow();
    assertThat(lease.getSpec().getHolderIdentity()).isEqualTo("one");
    assertThat(lease.getSpec().getLeaseTransitions()).isZero();

    one.down = true;
    time.advance(LeaderElector.Timing.DEFAULT.renewDeadline());
    assertThat(one.leads).as("stops by itself").isFalse();
    assertThat(two.leads).isFalse();
    // What the other saw last may be as old as its pause between two looks.
    time.advance(
        LeaderElector.Timing.DEFAULT
            .lease()
            .minus(LeaderElector.Timing.DEFAULT.renewDeadline())
            .plusSeconds(3));
    assertThat(two.leads).isTrue();
    assertThat(api.resource(Lease.class).find(LEASE).orElseThrow().getSpec().getLeaseTransitions())
        .isEqualTo(1);
  }

  @Test
  void aLeaderThatClosesGivesTheLeaseBack() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    var two = new Candidate("two", api, Randomness.seeded(3));
    one.run();
    two.run();
    one.down = true;
    one.elector.close();
    time.advance(Duration.ofSeconds(6));
    assertThat(two.leads).isTrue();
  }

  @Test
  void whoWaitsLeadsAsSoonAsTheLeaseIsGivenBack() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    one.elector.step();
    var two = new Candidate("two", api, Randomness.seeded(3));
    two.elector.start();
    try {
      // Its only timers are the leader's deadline and the end of the lease that it watches.
      await().until(() -> time.waiting() == 2);
      assertThat(two.elector.leads()).isFalse();
      one.elector.close();
      await().until(two.elector::leads);
      assertThat(time.nanos()).as("no time has passed").isZero();
    } finally {
      two.elector.close();
    }
  }

  @Test
  void theLeaseIsGivenBackAlsoWhenARenewalComesInBetween() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    one.elector.step();
    var leases = api.resource(Lease.class);
    var calls = new AtomicInteger();
    api.onTheWay(() -> {
      // The second call is the update; what the test itself asks is counted on.
      if (calls.incrementAndGet() == 2) {
        Lease renewed = leases.find(LEASE).orElseThrow();
        renewed.getSpec().setLeaseDurationSeconds(5);
        leases.update(renewed);
      }
    });
    one.elector.close();
    assertThat(leases.find(LEASE).orElseThrow().getSpec().getHolderIdentity()).isEmpty();
  }

  @Test
  void whoWaitsLeadsAsSoonAsTheLeaseHasRunOut() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    one.elector.step();
    var two = new Candidate("two", api, Randomness.seeded(3));
    two.elector.start();
    try {
      await().until(() -> time.waiting() == 2);
      time.advance(LeaderElector.Timing.DEFAULT.lease());
      assertThat(two.elector.leads()).isFalse();
      // No pause after the end of the lease but the margin.
      time.advance(Duration.ofMillis(50));
      await().until(two.elector::leads);
    } finally {
      two.elector.close();
    }
  }

  @Test
  void neverHasTwoLeadersAndAlwaysFindsOneAgain() {
    for (long seed = 1; seed <= 200; seed++) {
      time = new ManualTime();
      var random = Randomness.seeded(seed);
      var api = new FakeApi(time, random);
      List<Candidate> candidates = new ArrayList<>();
      for (String name : List.of("a", "b", "c")) {
        var candidate = new Candidate(name, api, random);
        candidates.add(candidate);
        candidate.run();
      }
      for (int second = 0; second < 200; second++) {
        api.faults(
            random.chance(0.5)
                ? FakeFaults.NONE
                : new FakeFaults(random.fraction(), random.fraction() / 2, 0.1, 0));
        if (random.chance(0.02)) {
          Candidate candidate = candidates.get((int) random.below(candidates.size()));
          candidate.down = !candidate.down;
          if (!candidate.down) {
            candidate.run();
          }
        }
        time.advance(Duration.ofSeconds(1));
        assertThat(candidates.stream().filter(candidate -> candidate.leads).map(p -> p.name))
            .as("leaders at second %d of seed %d", second, seed)
            .hasSizeLessThanOrEqualTo(1);
      }
      api.faults(FakeFaults.NONE);
      candidates.getFirst().down = false;
      candidates.getFirst().run();
      time.advance(Duration.ofSeconds(60));
      assertThat(candidates.stream().filter(candidate -> candidate.leads))
          .as("leaders in the end of seed %d", seed)
          .hasSize(1);
      candidates.forEach(candidate -> candidate.down = true);
    }
  }

  @Test
  void whoWinsWhileItIsClosedLeadsNothingAndGivesTheLeaseBack() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var one = new Candidate("one", api, Randomness.seeded(2));
    var calls = new AtomicInteger();
    api.onTheWay(() -> {
      // The second call is the one that takes the lease.
      if (calls.incrementAndGet() == 2) {
        one.elector.close();
      }
    });
    one.elector.step();
    assertThat(one.leads).isFalse();
    assertThat(one.elector.leads()).isFalse();
    assertThat(time.waiting()).as("deadlines").isZero();
    Lease lease = api.resource(Lease.class).find(LEASE).orElseThrow();
    assertThat(lease.getSpec().getHolderIdentity()).isEmpty();
  }

  @Test
  void theListenerIsToldOfTheEndAfterTheBeginningHoweverSoonItComes() {
    var api = new FakeApi(time, Randomness.seeded(1));
    List<String> told = new ArrayList<>();
    var elector =
        new LeaderElector(
            api,
            LEASE,
            "one",
            LeaderElector.Timing.DEFAULT,
            new LeaderElector.Listener() {
              @Override
              public void leading() {
                // As if this thread got to tell it only now.
                time.advance(LeaderElector.Timing.DEFAULT.renewDeadline());
                told.add("leading");
              }

              @Override
              public void lost() {
                told.add("lost");
              }
            },
            time,
            Randomness.seeded(2));
    elector.step();
    assertThat(told).containsExactly("leading", "lost");
    assertThat(elector.leads()).isFalse();
  }

  @Test
  void theDeadlineOfARenewalMeansNothingOnceTheNextHasCome() {
    var api = new FakeApi(time, Randomness.seeded(1));
    var late = new LateTimers(time);
    List<String> told = new ArrayList<>();
    var elector =
        new LeaderElector(
            api,
            LEASE,
            "one",
            LeaderElector.Timing.DEFAULT,
            new LeaderElector.Listener() {
              @Override
              public void leading() {
                told.add("leading");
              }

              @Override
              public void lost() {
                told.add("lost");
              }
            },
            late,
            Randomness.seeded(2));
    elector.step();
    elector.step();
    assertThat(late.tasks()).hasSize(2);
    // It had begun to run when it was cancelled.
    late.tasks().getFirst().run();
    assertThat(told).containsExactly("leading");
    late.tasks().getLast().run();
    assertThat(told).containsExactly("leading", "lost");
  }

  @Test
  void refusesATimingThatCannotExcludeTwoLeaders() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new LeaderElector.Timing(
                Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(2)));
  }
}
