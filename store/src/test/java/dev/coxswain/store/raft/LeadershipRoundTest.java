package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class LeadershipRoundTest {
  private static final long TERM = 7;
  private final Cluster cluster = new Cluster();
  private final LeadershipRound round =
      new LeadershipRound(cluster, new ManualTime(), Duration.ofSeconds(1));

  /** Member 1's view of a cluster whose others answer when the test says so. */
  private static final class Cluster implements LeadershipRound.Voters {
    private Collection<Set<Long>> configurations = List.of(Set.of(1L, 2L, 3L));
    private final Map<Long, CompletableFuture<Long>> asked = new HashMap<>();
    private boolean leads = true;
    private long term = TERM;
    private long committed = 10;
    private long applied = 10;
    private final AppliedIndex index =
        new AppliedIndex(() -> applied, new ManualTime(), Duration.ofSeconds(1));

    @Override
    public boolean leadsReady() {
      return leads;
    }

    @Override
    public long term() {
      return term;
    }

    @Override
    public long committedIndex() {
      return committed;
    }

    @Override
    public Collection<Set<Long>> configurations() {
      return configurations;
    }

    @Override
    public CompletableFuture<Long> askTerm(long member, long now, Duration patience) {
      CompletableFuture<Long> answer = new CompletableFuture<>();
      asked.put(member, answer);
      return answer;
    }

    @Override
    public long self() {
      return 1;
    }

    @Override
    public CompletableFuture<Void> applied(long wanted) {
      return index.reached(wanted);
    }

    void answer(long member, long told) {
      asked.getOrDefault(member, new CompletableFuture<>()).complete(told);
    }

    void silent(long member) {
      asked
          .getOrDefault(member, new CompletableFuture<>())
          .completeExceptionally(new IllegalStateException("no answer"));
    }
  }

  @Test
  void aMajorityOfTheSameTermConfirms() {
    var confirmed = round.confirm();
    assertThat(confirmed).isNotDone();
    cluster.answer(3, TERM);
    assertThat(confirmed).isCompleted();
  }

  @Test
  void oneWhoIsBehindHasNotVotedForAnother() {
    var confirmed = round.confirm();
    cluster.answer(2, TERM - 1);
    assertThat(confirmed).isCompleted();
  }

  @Test
  void aHigherTermIsTheEndOfIt() {
    var confirmed = round.confirm();
    cluster.answer(2, TERM + 1);
    assertThat(confirmed).isCompletedExceptionally();
  }

  @Test
  void withoutAMajorityNothingIsConfirmed() {
    var confirmed = round.confirm();
    cluster.silent(2);
    assertThat(confirmed).isNotDone();
    cluster.silent(3);
    assertThat(confirmed).isCompletedExceptionally();
  }

  /** What was confirmed once is asked again: that is what Ratis' own confirmation leaves out. */
  @Test
  void everyReadHasItsOwnRound() {
    var first = round.confirm();
    cluster.answer(2, TERM);
    assertThat(first).isCompleted();
    var second = round.confirm();
    assertThat(second).isNotDone();
  }

  @Test
  void steppingDownMeanwhileIsTheEndOfIt() {
    var confirmed = round.confirm();
    cluster.leads = false;
    cluster.answer(2, TERM);
    assertThat(confirmed).isCompletedExceptionally();
  }

  @Test
  void leadingAgainInAnotherTermIsNotTheSame() {
    var confirmed = round.confirm();
    cluster.term = TERM + 2;
    cluster.answer(2, TERM);
    assertThat(confirmed).isCompletedExceptionally();
  }

  @Test
  void aChangeOfMembersWantsBothMajorities() {
    cluster.configurations = List.of(Set.of(1L, 4L, 5L), Set.of(1L, 2L, 3L));
    var confirmed = round.confirm();
    cluster.answer(4, TERM);
    cluster.answer(5, TERM);
    assertThat(confirmed).isNotDone();
    cluster.answer(2, TERM);
    assertThat(confirmed).isCompleted();
  }

  @Test
  void oneAloneAsksNobodyAndWaitsForWhatIsCommitted() {
    cluster.configurations = List.of(Set.of(1L));
    cluster.applied = 9;
    var confirmed = round.confirm();
    assertThat(cluster.asked).isEmpty();
    assertThat(confirmed).isNotDone();
    cluster.applied = 10;
    cluster.index.advanced();
    assertThat(confirmed).isCompleted();
  }
}
