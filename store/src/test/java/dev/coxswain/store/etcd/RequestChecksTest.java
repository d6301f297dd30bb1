package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import org.junit.jupiter.api.Test;

final class RequestChecksTest {
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
    assertThatThrownBy(() -> RequestChecks.txn(many.build()))
        .hasMessage("etcdserver: too many operations in txn request");
    assertThatThrownBy(() ->
            RequestChecks.txn(
                TxnRequest.newBuilder().addCompare(Compare.getDefaultInstance()).build()))
        .hasMessage("etcdserver: key is not provided");
  }

  @Test
  void deepNestingIsRefused() {
    TxnRequest request = TxnRequest.getDefaultInstance();
    for (int i = 0; i < 40; i++) {
      request =
          TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(request)).build();
    }
    TxnRequest deep = request;
    assertThatThrownBy(() -> RequestChecks.txn(deep))
        .hasMessage("etcdserver: too many operations in txn request");
  }

  private static void refusedAsDuplicate(TxnRequest.Builder request) {
    assertThatThrownBy(() -> RequestChecks.txn(request.build()))
        .hasMessage("etcdserver: duplicate key given in txn request");
  }

  private static void passes(TxnRequest.Builder request) {
    assertThatCode(() -> RequestChecks.txn(request.build())).doesNotThrowAnyException();
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
