package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.ResponseOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.mvcc.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class ReaderTest {
  private static final int KEYS = 500;
  private static final int ROUNDS = 400;
  private static final int RANGES = 8;

  private final StoreState state = new StoreState();
  private final Keyspace keyspace = state.keyspace();

  /** A read-only transaction names a revision that is compacted and swept while it reads. */
  @Test
  void aCompactionBesideATransactionLeavesNoHolesInIt() throws Exception {
    try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
      Reader reader =
          new Reader(
              () -> state,
              () -> 0,
              new ReadGate(() -> CompletableFuture.completedFuture(null)),
              Runnable::run,
              new OperationCounts());
      for (int round = 0; round < ROUNDS; round++) {
        long named = writeAll();
        long later = writeAll();
        var compacted =
            beside.submit(() -> {
              keyspace.compact(later);
              keyspace.sweep();
            });
        TxnRequest request = ranges(named);
        for (boolean readable = true; readable; ) {
          readable = isWholeOrCompacted(reader.txn(request), round);
        }
        compacted.get();
      }
    }
  }

  private static boolean isWholeOrCompacted(CompletableFuture<TxnResponse> read, int round) {
    try {
      for (ResponseOp one : read.join().getResponsesList()) {
        assertThat(one.getResponseRange().getKvsCount()).as("round %d", round).isEqualTo(KEYS);
      }
      return true;
    } catch (CompletionException e) {
      assertThat(LeaderRoute.cause(e))
          .isInstanceOfSatisfying(
              StoreException.class,
              refused -> assertThat(refused.error()).isEqualTo(StoreError.COMPACTED));
      return false;
    }
  }

  private static TxnRequest ranges(long revision) {
    RangeRequest all =
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setRangeEnd(ByteString.copyFromUtf8("l"))
            .setRevision(revision)
            .build();
    TxnRequest.Builder request = TxnRequest.newBuilder();
    for (int i = 0; i < RANGES; i++) {
      request.addSuccess(RequestOp.newBuilder().setRequestRange(all));
    }
    return request.build();
  }

  private long writeAll() {
    Transaction transaction = keyspace.begin();
    for (int i = 0; i < KEYS; i++) {
      transaction.put(("k" + i).getBytes(StandardCharsets.UTF_8), ByteString.copyFromUtf8("x"), 0);
    }
    return transaction.commit();
  }
}
