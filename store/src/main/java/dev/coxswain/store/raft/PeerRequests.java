package dev.coxswain.store.raft;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.ratis.protocol.exceptions.RaftException;

/** Answers what other members ask of this one ({@link PeerCall}). */
final class PeerRequests {
  private final RaftNode raft;
  private final Reader reader;
  private final LeaseKeeper leases;
  private final Proposer proposer;
  private final LeaderLoss loss;
  private final MemberChanges members;

  PeerRequests(
      RaftNode raft,
      Reader reader,
      LeaseKeeper leases,
      Proposer proposer,
      LeaderLoss loss,
      MemberChanges members) {
    this.raft = raft;
    this.reader = reader;
    this.leases = leases;
    this.proposer = proposer;
    this.loss = loss;
    this.members = members;
  }

  /** Answers, with a refusal where that is the answer; fails when there is none. */
  CompletableFuture<byte[]> serve(byte[] request) {
    CompletableFuture<byte[]> answer;
    try {
      answer = answer(request);
    } catch (StoreException e) {
      answer = CompletableFuture.failedFuture(e);
    } catch (IOException | IllegalStateException e) {
      return CompletableFuture.failedFuture(e);
    }
    return answer.handle((done, failure) -> {
      if (failure == null) {
        return done;
      }
      return switch (LeaderRoute.cause(failure)) {
        case StoreException refused -> PeerCall.refusal(refused.error());
        case NotLeading ignored -> new byte[] {PeerCall.NOT_LEADING};
        case RaftException ignored -> new byte[] {PeerCall.NOT_LEADING};
        case Throwable other -> throw new CompletionException(other);
      };
    });
  }

  private CompletableFuture<byte[]> answer(byte[] request) throws IOException {
    return switch (request[0]) {
      case PeerCall.TERM ->
          CompletableFuture.completedFuture(PeerCall.number(PeerCall.DONE, raft.term()));
      case PeerCall.LOSS -> loss.find(PeerCall.number(request)).thenApply(PeerCall::finding);
      case PeerCall.CLUSTER -> CompletableFuture.completedFuture(members.introduce());
      case PeerCall.JOIN -> members.admit(PeerCall.number(request));
      default ->
          raft.leadsReady()
              ? answerAsLeader(request)
              : CompletableFuture.failedFuture(new NotLeading());
    };
  }

  private CompletableFuture<byte[]> answerAsLeader(byte[] request) throws IOException {
    CodedInputStream body = PeerCall.body(request);
    return switch (request[0]) {
      case PeerCall.WRITE -> proposer.propose(operation(request)).thenApply(PeerCall::outcome);
      case PeerCall.CHANGE_MEMBERS -> Reader.framed(members.changeHere(operation(request)));
      case PeerCall.GET -> Reader.framed(reader.get(RangeRequest.parseFrom(body)));
      case PeerCall.READ_INDEX -> numbered(reader.index());
      case PeerCall.MEMBERS -> Reader.framed(reader.members());
      case PeerCall.KEEP_ALIVE -> numbered(leases.keepAlive(PeerCall.number(request)));
      case PeerCall.TIME_TO_LIVE -> numbered(leases.timeToLive(PeerCall.number(request)));
      default -> throw new IOException("a peer asked for an unknown kind " + request[0]);
    };
  }

  private static CompletableFuture<byte[]> numbered(CompletableFuture<Long> answer) {
    return answer.thenApply(number -> PeerCall.number(PeerCall.DONE, number));
  }

  private static Operation operation(byte[] request) throws IOException {
    return OperationCodec.decode(UnsafeByteOperations.unsafeWrap(request, 1, request.length - 1))
        .getFirst();
  }
}
