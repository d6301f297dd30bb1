package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RequestChecksTest {
  private static final RequestChecks CHECKS = new RequestChecks(128, 1000);

  @Test
  void oneKeyMayNotBePutTwiceInABranch() {
    refusedAsDuplicate(TxnRequest.newBuilder().addSuccess(put("a")).addSuccess(put("a")));
    passes(TxnRequest.newBuilder().addSuccess(put("a")).addFailure(put("a")));
  }

  @Test
  void keyMayNotBePutAndDeletedInABranch() {
    refusedAsDuplicate(TxnRequest.newBuilder().addSuccess(delete("a", "c")).addSuccess(put("b")));
    refusedAsDuplicate(TxnRequest.newBuilder().addSuccess(put("b")).addSuccess(delete("a", "c")));
    passes(TxnRequest.newBuilder().addSuccess(put("c")).addSuccess(delete("a", "c")));
  }

  @Test
  void nestedBranchesAreHeldAgainstWhatIsOutsideButNotAgainstEachOther() {
    RequestOp nested =
        RequestOp.newBuilder()
            .setRequestTxn(TxnRequest.newBuilder().addSuccess(put("a")).addFailure(put("a")))
            .build();
    passes(TxnRequest.newBuilder().addSuccess(nested));
    refusedAsDuplicate(TxnRequest.newBuilder().addSuccess(nested).addSuccess(put("a")));
  }

  @Test
  void tooManyOperationsAndEmptyKeysAreRefused() {
    TxnRequest.Builder many = TxnRequest.newBuilder();
    for (int i = 0; i < 129; i++) {
      many.addSuccess(put("k" + i));
    }
    assertThatThrownBy(() -> CHECKS.txn(many.build()))
        .hasMessage("etcdserver: too many operations in txn request");
    assertThatThrownBy(() ->
            CHECKS.txn(TxnRequest.newBuilder().addCompare(Compare.getDefaultInstance()).build()))
        .hasMessage("etcdserver: key is not provided");
  }

  @Test
  void operationsAreAsManyAndRequestsAsLargeAsWasSet() {
    RequestChecks few = new RequestChecks(3, 20);
    TxnRequest three =
        TxnRequest.newBuilder()
            .addSuccess(put("a"))
            .addSuccess(put("b"))
            .addFailure(put("c"))
            .build();
    few.txn(three.toBuilder().addSuccess(put("d")).build());
    assertThatThrownBy(() -> few.txn(three.toBuilder().addAllSuccess(many(2)).build()))
        .hasMessage("etcdserver: too many operations in txn request");
    PutRequest.Builder large = PutRequest.newBuilder().setKey(ByteString.copyFrom(new byte[18]));
    few.size(large.build());
    assertThatThrownBy(() -> few.size(large.setKey(ByteString.copyFrom(new byte[19])).build()))
        .hasMessage("etcdserver: request is too large");
  }

  @Test
  void nestedTransactionsHaveWhatThoseAroundThemLeave() {
    RequestChecks few = new RequestChecks(4, 1000);
    few.txn(TxnRequest.newBuilder().addSuccess(nested(3)).build());
    assertThatThrownBy(() -> few.txn(TxnRequest.newBuilder().addSuccess(nested(4)).build()))
        .hasMessage("etcdserver: too many operations in txn request");
  }

  private static RequestOp nested(int operations) {
    return RequestOp.newBuilder()
        .setRequestTxn(TxnRequest.newBuilder().addAllSuccess(many(operations)))
        .build();
  }

  private static List<RequestOp> many(int operations) {
    return IntStream.range(0, operations).mapToObj(i -> put("k" + i)).toList();
  }

  @Test
  void deepNestingIsRefused() {
    TxnRequest request = TxnRequest.getDefaultInstance();
    for (int i = 0; i < 40; i++) {
      request =
          TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(request)).build();
    }
    TxnRequest deep = request;
    assertThatThrownBy(() -> CHECKS.txn(deep))
        .hasMessage("etcdserver: too many operations in txn request");
  }

  private static void refusedAsDuplicate(TxnRequest.Builder request) {
    assertThatThrownBy(() -> CHECKS.txn(request.build()))
        .hasMessage("etcdserver: duplicate key given in txn request");
  }

  private static void passes(TxnRequest.Builder request) {
    assertThatCode(() -> CHECKS.txn(request.build())).doesNotThrowAnyException();
  }

  private static RequestOp put(String key) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)))
        .build();
  }

  private static RequestOp delete(String from, String to) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(
            DeleteRangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8(from))
                .setRangeEnd(ByteString.copyFromUtf8(to)))
        .build();
  }
}
