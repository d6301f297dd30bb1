package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Member 1 of three, or of five, has lost its connection from leader 3. */
final class LeaderLossTest {
  private static final long LEADER = 3;

  private final ManualTime time = new ManualTime();
  private final Around around = new Around();
  private final LeaderLoss loss = new LeaderLoss(around, time);

  private static final class Around implements LeaderLoss.Surroundings {
    private Optional<Long> leader = Optional.of(LEADER);
    private Collection<Set<Long>> voters = List.of(Set.of(1L, 2L, LEADER));
    private LeaderLoss.Standing standing = new LeaderLoss.Standing(7, 100);
    private int knocksUntilClosed;
    private final Map<Long, CompletableFuture<LeaderLoss.Finding>> asked = new HashMap<>();
    private final List<Long> stood = new ArrayList<>();

    @Override
    public long self() {
      return 1;
    }

    @Override
    public Optional<Long> leader() {
      return leader;
    }

    @Override
    public Collection<Set<Long>> voters() {
      return voters;
    }

    @Override
    public LeaderLoss.Standing standing() {
      return standing;
    }

    @Override
    public CompletableFuture<Boolean> refuses(long member) {
      return CompletableFuture.completedFuture(knocksUntilClosed-- <= 0);
    }

    @Override
    public CompletableFuture<LeaderLoss.Finding> ask(long member, long leader) {
      CompletableFuture<LeaderLoss.Finding> answer = new CompletableFuture<>();
      asked.put(member, answer);
      return answer;
    }

    @Override
    public void stand(long leader) {
      stood.add(leader);
    }

    private CompletableFuture<LeaderLoss.Finding> asked(long member) {
      return Objects.requireNonNull(asked.get(member), "nobody asked member " + member);
    }

    private void answers(long member, boolean gone, long term, long index) {
      asked(member).complete(new LeaderLoss.Finding(gone, new LeaderLoss.Standing(term, index)));
    }
  }

  @Test
  void standsWhenTheOtherAgreesAndIsNoNewer() {
    loss.look();
    around.answers(2, true, 7, 99);
    assertThat(around.stood).containsExactly(LEADER);
  }

  @Test
  void ofEquallyNewOnesTheOneWithTheSmallerIdentityStands() {
    loss.look();
    around.answers(2, true, 7, 100);
    assertThat(around.stood).containsExactly(LEADER);
  }

  @Test
  void leavesItToOneWithANewerLog() {
    loss.look();
    around.answers(2, true, 7, 101);
    assertThat(around.stood).isEmpty();
  }

  @Test
  void doesNothingWhenTheOtherStillFindsTheLeader() {
    loss.look();
    around.answers(2, false, 7, 100);
    assertThat(around.stood).isEmpty();
  }

  @Test
  void doesNothingWhenNobodyAnswers() {
    loss.look();
    around.asked(2).completeExceptionally(new NotLeading());
    assertThat(around.stood).isEmpty();
  }

  @Test
  void aMajorityOfFiveSuffices() {
    around.voters = List.of(Set.of(1L, 2L, LEADER, 4L, 5L));
    loss.look();
    around.answers(2, true, 7, 100);
    around.answers(4, true, 7, 100);
    around.asked(5).completeExceptionally(new NotLeading());
    assertThat(around.stood).containsExactly(LEADER);
  }

  @Test
  void knocksAgainWhileTheProcessIsDying() {
    around.knocksUntilClosed = 2;
    loss.look();
    assertThat(around.asked).isEmpty();
    time.advance(Duration.ofMillis(20));
    time.advance(Duration.ofMillis(20));
    around.answers(2, true, 7, 100);
    assertThat(around.stood).containsExactly(LEADER);
  }

  @Test
  void asksNobodyAboutALeaderWhosePortIsOpen() {
    around.knocksUntilClosed = Integer.MAX_VALUE;
    loss.look();
    for (int i = 0; i < 10; i++) {
      time.advance(Duration.ofMillis(20));
    }
    assertThat(around.asked).isEmpty();
    assertThat(around.stood).isEmpty();
  }

  @Test
  void doesNotStandOnceSomebodyElseLeads() {
    loss.look();
    around.leader = Optional.of(2L);
    around.answers(2, true, 7, 100);
    assertThat(around.stood).isEmpty();
  }

  @Test
  void aLearnerNeverStands() {
    around.voters = List.of(Set.of(2L, LEADER));
    loss.look();
    assertThat(around.asked).isEmpty();
    assertThat(around.stood).isEmpty();
  }

  @Test
  void whoIsAskedLooksForItself() {
    LeaderLoss.Finding finding = loss.find(LEADER).join();
    assertThat(finding).isEqualTo(new LeaderLoss.Finding(true, around.standing));
    assertThat(new HashSet<>(around.asked.keySet())).containsExactly(2L);
  }
}
