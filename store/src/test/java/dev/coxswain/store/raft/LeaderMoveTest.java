package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.exceptions.TransferLeadershipException;
import org.junit.jupiter.api.Test;

final class LeaderMoveTest {
  private static final long SELF = 1;
  private static final long OTHER = 2;
  private static final long THIRD = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(7);
  private static final Duration ATTEMPT = Duration.ofSeconds(1);

  private final ManualTime time = new ManualTime();
  private final Elections elections = new Elections();
  private final LeaderMove move = new LeaderMove(elections, time, ATTEMPT);

  /** A member whose tries to hand over end when and as the test says. */
  private static final class Elections implements LeaderMove.Group {
    private final List<Duration> tries = new ArrayList<>();
    private CompletableFuture<Void> current = new CompletableFuture<>();
    private long leader = SELF;
    private long term = 1;

    @Override
    public boolean leads() {
      return leader == SELF;
    }

    @Override
    public long term() {
      return term;
    }

    @Override
    public Optional<Long> leader() {
      return Optional.of(leader);
    }

    @Override
    public CompletableFuture<?> transferLeadership(long memberId, Duration patience) {
      tries.add(patience);
      current = new CompletableFuture<>();
      return current;
    }

    private void electedBeforeThat(long winner) {
      term++;
      leader = winner;
      fail();
    }

    private void fail() {
      current.completeExceptionally(new TransferLeadershipException("not that one"));
    }
  }

  private static StoreError error(CompletableFuture<?> moved) {
    assertThat(moved).isCompletedExceptionally();
    return ((StoreException) moved.handle((done, failure) -> root(failure)).join()).error();
  }

  private static Throwable root(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  @Test
  void theOldLeaderThatIsElectedAgainHandsOverAgain() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    time.advance(Duration.ofMillis(300));
    elections.electedBeforeThat(SELF);
    assertThat(elections.tries).containsExactly(ATTEMPT, ATTEMPT);
    assertThat(moved).isNotDone();
    elections.current.complete(null);
    assertThat(moved).isCompleted();
  }

  @Test
  void aTryThatFailsWithoutAnElectionIsTheLast() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    elections.fail();
    assertThat(error(moved)).isEqualTo(StoreError.TIMEOUT_LEADER_TRANSFER);
    assertThat(elections.tries).hasSize(1);
  }

  /** Ratis takes no writes as long as it tries, which must end though the member never answers. */
  @Test
  void aMemberThatIsDownHoldsUpWritesForOneTry() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    time.advance(ATTEMPT);
    elections.fail();
    time.advance(Duration.ofSeconds(5));
    assertThat(elections.tries).containsExactly(ATTEMPT);
    assertThat(moved).isNotDone();
    time.advance(Duration.ofSeconds(2));
    assertThat(error(moved)).isEqualTo(StoreError.TIMEOUT_LEADER_TRANSFER);
    assertThat(elections.tries).hasSize(1);
  }

  @Test
  void aMemberThatIsElectedAfterTheTryWasMovedTo() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    time.advance(ATTEMPT);
    elections.fail();
    time.advance(Duration.ofSeconds(2));
    assertThat(moved).isNotDone();
    elections.term++;
    elections.leader = OTHER;
    time.advance(Duration.ofSeconds(1));
    assertThat(moved).isCompleted();
  }

  @Test
  void timePasses() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    time.advance(PATIENCE);
    elections.electedBeforeThat(SELF);
    assertThat(error(moved)).isEqualTo(StoreError.TIMEOUT_LEADER_TRANSFER);
    assertThat(elections.tries).hasSize(1);
  }

  @Test
  void aThirdThatIsElectedIsNotOursToMove() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    elections.electedBeforeThat(THIRD);
    assertThat(error(moved)).isEqualTo(StoreError.TIMEOUT_LEADER_TRANSFER);
    assertThat(elections.tries).hasSize(1);
  }

  @Test
  void theMemberThatLeadsAfterAllWasMovedTo() {
    CompletableFuture<?> moved = move.to(OTHER, PATIENCE);
    elections.electedBeforeThat(OTHER);
    assertThat(moved).isCompleted();
  }
}
