package dev.coxswain.store.raft;

import com.google.protobuf.MessageLite;
import dev.coxswain.proto.etcd.MemberListResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.machine.TxnExecutor;
import dev.coxswain.store.mvcc.RangeReader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Reads the state as applied here: at once, or when that is known to be as of now. */
final class Reader {
  private final Supplier<StoreState> state;
  private final LongSupplier applied;
  private final ReadGate gate;
  private final Executor workers;
  private final OperationCounts counts;

  /**
   * A reader whose confirmed reads pass a gate.
   *
   * @param applied the log index up to which the state was applied, at least
   * @param workers runs reads that may be long
   */
  Reader(
      Supplier<StoreState> state,
      LongSupplier applied,
      ReadGate gate,
      Executor workers,
      OperationCounts counts) {
    this.state = state;
    this.applied = applied;
    this.gate = gate;
    this.workers = workers;
    this.counts = counts;
  }

  /** A range as it is here. */
  CompletableFuture<RangeResponse> range(RangeRequest request) {
    return CompletableFuture.supplyAsync(() -> readRange(request), workers);
  }

  /** A transaction without writes, as things are here. */
  CompletableFuture<TxnResponse> txn(TxnRequest request) {
    return CompletableFuture.supplyAsync(() -> readTxn(request), workers);
  }

  /** One key as of now; on the leader. */
  CompletableFuture<RangeResponse> get(RangeRequest request) {
    return gate.pass().thenApply(ignored -> readRange(request));
  }

  /**
   * A log index up to which everything was applied that had been acknowledged before the call; on
   * the leader. Any member that has applied as much may answer a read.
   */
  CompletableFuture<Long> index() {
    return gate.pass().thenApply(ignored -> applied.getAsLong());
  }

  /** The members as of now; on the leader. */
  CompletableFuture<MemberListResponse> members() {
    return gate.pass()
        .thenApply(ignored ->
            MemberListResponse.newBuilder().addAllMembers(state.get().members().all()).build());
  }

  /** An answer as members send it to each other. */
  static <T extends MessageLite> CompletableFuture<byte[]> framed(CompletableFuture<T> answer) {
    return answer.thenApply(message -> PeerCall.frame(PeerCall.DONE, message));
  }

  private RangeResponse readRange(RangeRequest request) {
    var keyspace = state.get().keyspace();
    while (true) {
      long current = keyspace.revision();
      if (request.getRevision() > 0) {
        keyspace.checkReadable(request.getRevision());
      }
      RangeResponse.Builder response = RangeReader.read(keyspace, request, current);
      // A compaction beside the reading may have left holes in it.
      if (request.getRevision() > 0) {
        keyspace.checkReadable(request.getRevision());
      }
      if (keyspace.compactRevision() <= current) {
        counts.range();
        return response.setHeader(header(current)).build();
      }
    }
  }

  private TxnResponse readTxn(TxnRequest request) {
    var keyspace = state.get().keyspace();
    while (true) {
      long compacted = keyspace.compactRevision();
      // Decided and read at one revision, which the header names, whatever is written meanwhile.
      long current = keyspace.revision();
      TxnResponse.Builder response = TxnExecutor.read(keyspace, request, current);
      // A compaction beside the reading may have left holes in it, at any of its revisions.
      if (keyspace.compactRevision() == compacted) {
        TxnResponse read = response.setHeader(header(current)).build();
        counts.transaction(read);
        return read;
      }
    }
  }

  private static ResponseHeader.Builder header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision);
  }
}
