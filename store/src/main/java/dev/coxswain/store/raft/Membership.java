package dev.coxswain.store.raft;

import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ratis.protocol.RaftPeer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who takes part, on the leader. The member list in the replicated state is what was decided;
 * Raft's configuration follows it. A newcomer is listed at once and becomes part of the
 * configuration when it has started, asked to be let in, and caught up: until then it counts for no
 * quorum. One that was removed leaves the configuration, and if a leader dies in between, the next
 * one sees to it.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** A member not heard of for so long is not healthy; etcd's own figure. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  /** A learner may be promoted when it has this share of what is committed; etcd's own figure. */
  private static final double LEARNED = 0.9;

  private final long self;
  private final RaftNode raft;
  private final Supplier<StoreState> state;
  private final Function<Operation, CompletableFuture<Message>> propose;
  private CompletableFuture<?> lastChange = CompletableFuture.completedFuture(null);

  Membership(
      long self,
      RaftNode raft,
      Supplier<StoreState> state,
      Function<Operation, CompletableFuture<Message>> propose) {
    this.self = self;
    this.raft = raft;
    this.state = state;
    this.propose = propose;
  }

  /**
   * Checks a change by etcd's rules, replicates it, and has Raft follow. A leader that is to go
   * makes another one leader first, so that nobody has to miss it; the future fails with {@link
   * NotLeading} then.
   */
  CompletableFuture<Message> change(Operation operation) {
    boolean own =
        operation instanceof Operation.MemberRemove remove && remove.member().getID() == self;
    Optional<Long> successor = own ? raft.freshestFollower() : Optional.empty();
    if (successor.isPresent()) {
      return raft.transferLeadership(successor.get(), RaftNode.HAND_OVER_PATIENCE)
          .thenCompose(ignored -> CompletableFuture.failedFuture(new NotLeading()));
    }
    Members members = state.get().members();
    switch (operation) {
      case Operation.MemberAdd add -> checkAdd(members, add.member());
      case Operation.MemberRemove remove -> checkRemove(members, remove.member().getID());
      case Operation.MemberPromote promote -> checkPromote(members, promote.member().getID());
      default -> {
        // An update of addresses needs no quorum check.
      }
    }
    CompletableFuture<Message> decided = propose.apply(operation);
    return operation instanceof Operation.MemberAdd
        ? decided
        : decided.thenCompose(message ->
            follow()
                .handle((done, failure) -> {
                  if (failure != null) {
                    // Decided it is; the configuration follows with the next change or leader.
                    LOG.warn(
                        "the members taking part are not as decided yet: {}", failure.toString());
                    throw StoreError.TIMEOUT.exception();
                  }
                  return message;
                }));
  }

  private void checkAdd(Members members, Member added) {
    int started = 0;
    int voters = 1;
    for (Member member : members.all()) {
      if (!member.getIsLearner()) {
        started += member.getName().isEmpty() ? 0 : 1;
        voters++;
      }
    }
    boolean second = started == 1 && voters == 2;
    if (!added.getIsLearner() && !second && started < voters / 2 + 1) {
      throw StoreError.MEMBER_NOT_ENOUGH_STARTED.exception();
    }
    if (connected(members) < voters - 1) {
      throw StoreError.UNHEALTHY.exception();
    }
  }

  private void checkRemove(Members members, long id) {
    Member removed = members.find(id);
    if (removed == null) {
      throw StoreError.MEMBER_NOT_FOUND.exception();
    }
    if (removed.getIsLearner()) {
      return;
    }
    int started = 0;
    int others = 0;
    for (Member member : members.all()) {
      if (!member.getIsLearner() && member.getID() != id) {
        started += member.getName().isEmpty() ? 0 : 1;
        others++;
      }
    }
    if (started < others / 2 + 1) {
      throw StoreError.MEMBER_NOT_ENOUGH_STARTED.exception();
    }
    // One that is down takes no part in the quorum and may go.
    if (id != self && !raft.heardOfWithin(SILENCE).contains(id)) {
      return;
    }
    if (connected(members) - 1 < 1 + others / 2) {
      throw StoreError.UNHEALTHY.exception();
    }
  }

  private void checkPromote(Members members, long id) {
    Member learner = members.find(id);
    if (learner == null) {
      throw StoreError.MEMBER_NOT_FOUND.exception();
    }
    if (!learner.getIsLearner()) {
      throw StoreError.MEMBER_NOT_LEARNER.exception();
    }
    long known = raft.committedBy(id).orElse(-1L);
    if (known < raft.committedIndex() * LEARNED) {
      throw StoreError.LEARNER_NOT_READY.exception();
    }
  }

  private int connected(Members members) {
    Set<Long> heard = raft.heardOfWithin(SILENCE);
    int connected = 0;
    for (Member member : members.all()) {
      boolean here = member.getID() == self || heard.contains(member.getID());
      connected += !member.getIsLearner() && here ? 1 : 0;
    }
    return connected;
  }

  /** Lets a listed newcomer in; completes when it has caught up and takes part. */
  CompletableFuture<?> admit(long id) {
    Members members = state.get().members();
    return switch (Claim.of(id, members, raft.takesPart(id))) {
      case REMOVED -> CompletableFuture.failedFuture(StoreError.MEMBER_NOT_FOUND.exception());
      case TAKES_PART -> CompletableFuture.completedFuture(null);
      case AWAITED -> inTurn(() -> configure(Optional.ofNullable(members.find(id))));
      case UNKNOWN ->
          CompletableFuture.failedFuture(
              new IllegalStateException("no member " + Identity.text(id) + " is listed"));
    };
  }

  /** Makes Raft's configuration agree with the members as decided. */
  CompletableFuture<?> follow() {
    return inTurn(() -> configure(Optional.empty()));
  }

  // Raft refuses a change while another is under way.
  private synchronized CompletableFuture<?> inTurn(Supplier<CompletableFuture<?>> change) {
    CompletableFuture<?> next =
        lastChange.handle((done, failure) -> true).thenCompose(ended -> change.get());
    lastChange = next;
    return next;
  }

  private CompletableFuture<?> configure(Optional<Member> newcomer) {
    Members members = state.get().members();
    List<RaftPeer> voters = new ArrayList<>();
    List<RaftPeer> learners = new ArrayList<>();
    for (RaftPeer peer : raft.participants()) {
      long id = RaftNode.memberId(peer.getId());
      Member member = members.find(id);
      // Members that nobody has written down yet are founders of a cluster that is just forming.
      boolean learner = member == null ? raft.learns(id) : member.getIsLearner();
      if (!members.wasRemoved(id)) {
        (learner ? learners : voters).add(peer);
      }
    }
    newcomer
        .filter(member -> !raft.takesPart(member.getID()))
        .ifPresent(member -> {
          MemberUrl url = MemberUrl.parse(member.getPeerURLs(0), "peerURLs");
          (member.getIsLearner() ? learners : voters).add(RaftNode.peer(member.getID(), url));
        });
    return raft.reconfigure(voters, learners)
        .whenComplete((done, failure) -> {
          if (failure == null) {
            LOG.info("members taking part: {}, learners: {}", voters, learners);
          }
        });
  }
}
