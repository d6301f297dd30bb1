package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.ResponseOp;
import dev.coxswain.proto.etcd.TxnResponse;
import org.junit.jupiter.api.Test;

/** What a transaction did is counted one by one, as deep as it goes. */
final class OperationCountsTest {
  private static final ResponseOp PUT =
      ResponseOp.newBuilder().setResponsePut(PutResponse.getDefaultInstance()).build();
  private static final ResponseOp RANGE =
      ResponseOp.newBuilder().setResponseRange(RangeResponse.getDefaultInstance()).build();
  private static final ResponseOp DELETION =
      ResponseOp.newBuilder()
          .setResponseDeleteRange(DeleteRangeResponse.getDefaultInstance())
          .build();

  private final OperationCounts counts = new OperationCounts();

  private static TxnResponse did(ResponseOp... parts) {
    TxnResponse.Builder done = TxnResponse.newBuilder();
    for (ResponseOp part : parts) {
      done.addResponses(part);
    }
    return done.build();
  }

  private static ResponseOp nested(ResponseOp... parts) {
    return ResponseOp.newBuilder().setResponseTxn(did(parts)).build();
  }

  @Test
  void nestedPartsCountAndTheTransactionOnce() {
    counts.transaction(did(PUT, nested(RANGE, nested(PUT, DELETION)), nested()));
    assertThat(counts.puts()).isEqualTo(2);
    assertThat(counts.ranges()).isOne();
    assertThat(counts.deletions()).isOne();
    assertThat(counts.transactions()).isOne();
  }

  @Test
  void whatDidOneThingAtMostIsNoTransaction() {
    counts.transaction(did());
    counts.transaction(did(ResponseOp.getDefaultInstance()));
    counts.transaction(did(nested(PUT)));
    assertThat(counts.puts()).isOne();
    assertThat(counts.transactions()).isZero();
  }
}
