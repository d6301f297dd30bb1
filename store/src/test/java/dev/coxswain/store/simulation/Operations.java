package dev.coxswain.store.simulation;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.machine.Operation;

/** Makes up what clients send: few keys and leases, so that they meet each other often. */
final class Operations {
  private static final int KEYS = 12;
  private static final int LEASES = 4;

  private final Randomness random;
  private long serial;

  Operations(Randomness random) {
    this.random = random;
  }

  Operation next(long revision) {
    return switch ((int) random.below(20)) {
      case 0, 1, 2 -> new Operation.DeleteRange(delete());
      case 3, 4, 5, 6, 7 -> new Operation.Txn(txn(revision));
      case 8 ->
          new Operation.Compact(
              CompactionRequest.newBuilder()
                  .setRevision(Math.max(1, revision - random.below(30) + 2))
                  .build());
      case 9 ->
          new Operation.LeaseGrant(
              LeaseGrantRequest.newBuilder().setID(lease()).setTTL(60).build());
      case 10 -> new Operation.LeaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease()).build());
      default -> new Operation.Put(put(key()));
    };
  }

  private long lease() {
    return 1 + random.below(LEASES);
  }

  private String key() {
    return "key-" + (char) ('a' + random.below(KEYS));
  }

  private PutRequest put(String key) {
    PutRequest.Builder put =
        PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setPrevKv(random.chance(0.2));
    if (random.chance(0.1)) {
      put.setIgnoreValue(true);
    } else {
      put.setValue(ByteString.copyFromUtf8("value-" + serial++));
    }
    if (random.chance(0.1)) {
      put.setIgnoreLease(true);
    } else if (random.chance(0.2)) {
      put.setLease(lease());
    }
    return put.build();
  }

  private DeleteRangeRequest delete() {
    DeleteRangeRequest.Builder delete =
        DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key()));
    if (random.chance(0.3)) {
      delete.setRangeEnd(ByteString.copyFromUtf8(key()));
    }
    return delete.build();
  }

  private TxnRequest txn(long revision) {
    Compare.Builder compare = Compare.newBuilder().setKey(ByteString.copyFromUtf8(key()));
    if (random.chance(0.5)) {
      compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.below(3));
    } else {
      compare
          .setTarget(Compare.CompareTarget.MOD)
          .setModRevision(Math.max(0, revision - random.below(10)));
    }
    compare.setResult(Compare.CompareResult.forNumber((int) random.below(4)));
    TxnRequest.Builder txn = TxnRequest.newBuilder().addCompare(compare);
    // Different keys in one branch: a transaction may not write a key twice.
    txn.addSuccess(RequestOp.newBuilder().setRequestPut(put("key-a")))
        .addSuccess(RequestOp.newBuilder().setRequestPut(put("key-b")))
        .addFailure(RequestOp.newBuilder().setRequestPut(put(key())));
    if (random.chance(0.3)) {
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestDeleteRange(
                  DeleteRangeRequest.newBuilder()
                      .setKey(ByteString.copyFromUtf8("key-c"))
                      .setRangeEnd(ByteString.copyFromUtf8("key-f"))));
    }
    return txn.build();
  }
}
