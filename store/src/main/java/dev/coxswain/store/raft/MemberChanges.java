package dev.coxswain.store.raft;

import com.google.protobuf.Message;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.StoreState;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes of the members, wherever they are asked for: the leader carries them out. */
final class MemberChanges {
  private static final Logger LOG = LoggerFactory.getLogger(MemberChanges.class);

  private final UUID group;
  private final RaftNode raft;
  private final Supplier<StoreState> state;
  private final Membership membership;
  private final LeaderRoute route;
  private final Executor workers;

  MemberChanges(
      UUID group,
      RaftNode raft,
      Supplier<StoreState> state,
      Membership membership,
      LeaderRoute route,
      Executor workers) {
    this.group = group;
    this.raft = raft;
    this.state = state;
    this.membership = membership;
    this.route = route;
    this.workers = workers;
  }

  /**
   * Carries out a change, here or on the leader, and answers when it is in force; a newcomer's is
   * when it is listed.
   */
  CompletableFuture<Message> change(Operation operation) {
    return route.onLeader(
        () -> changeHere(operation),
        () -> PeerCall.frame(PeerCall.CHANGE_MEMBERS, OperationCodec.encode(List.of(operation))),
        answer -> PeerCall.decode(() -> PeerCall.response(operation, answer)));
  }

  /** Carries out a change; on the leader. */
  CompletableFuture<Message> changeHere(Operation operation) {
    try {
      return membership.change(operation);
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Which cluster this is; for one that is about to join. */
  byte[] introduce() {
    return Introduction.answer(group, state.get());
  }

  /** Lets a listed newcomer in; on the leader. */
  CompletableFuture<byte[]> admit(long id) {
    if (state.get().members().wasRemoved(id)) {
      return CompletableFuture.failedFuture(StoreError.MEMBER_NOT_FOUND.exception());
    }
    if (!raft.leadsReady()) {
      return CompletableFuture.failedFuture(new NotLeading());
    }
    // Off the event loop: Ratis starts threads for it.
    return CompletableFuture.completedFuture(id)
        .thenComposeAsync(membership::admit, workers)
        .thenApply(ignored -> new byte[] {PeerCall.DONE});
  }

  /** What the leader before this one decided and could not carry out any more. */
  void follow() {
    var _ =
        membership
            .follow()
            .whenComplete((done, failure) -> {
              if (failure != null) {
                LOG.warn("the members taking part are not as decided yet: {}", failure.toString());
              }
            });
  }
}
