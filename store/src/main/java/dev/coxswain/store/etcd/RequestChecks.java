package dev.coxswain.store.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.Keyspace;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What is wrong with a request can be said before anybody is asked: etcd's own checks. */
final class RequestChecks {
  /** Transactions nested deeper than this are refused. */
  private static final int TXN_DEPTH = 16;

  private final int txnOperations;
  private final int requestBytes;

  /** See {@link ClientLimits}. */
  RequestChecks(int txnOperations, int requestBytes) {
    this.txnOperations = txnOperations;
    this.requestBytes = requestBytes;
  }

  void size(MessageLite request) {
    if (request.getSerializedSize() > requestBytes) {
      throw StoreError.REQUEST_TOO_LARGE.exception();
    }
  }

  static void range(RangeRequest request) {
    key(request.getKey());
    if (request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
        || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED) {
      throw StoreError.INVALID_SORT_OPTION.exception();
    }
  }

  static void put(PutRequest request) {
    key(request.getKey());
    if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
      throw StoreError.VALUE_PROVIDED.exception();
    }
    if (request.getIgnoreLease() && request.getLease() != 0) {
      throw StoreError.LEASE_PROVIDED.exception();
    }
  }

  static void delete(DeleteRangeRequest request) {
    key(request.getKey());
  }

  void txn(TxnRequest request) {
    txn(request, txnOperations, 0);
    Writes writes = new Writes();
    writes.collect(request.getSuccessList());
    new Writes().collect(request.getFailureList());
  }

  private static void txn(TxnRequest request, int most, int depth) {
    int operations =
        Math.max(
            request.getCompareCount(),
            Math.max(request.getSuccessCount(), request.getFailureCount()));
    if (operations > most || depth > TXN_DEPTH) {
      throw StoreError.TOO_MANY_OPERATIONS.exception();
    }
    for (Compare compare : request.getCompareList()) {
      key(compare.getKey());
    }
    for (RequestOp operation : request.getSuccessList()) {
      operation(operation, most - operations, depth);
    }
    for (RequestOp operation : request.getFailureList()) {
      operation(operation, most - operations, depth);
    }
  }

  private static void operation(RequestOp operation, int most, int depth) {
    switch (operation.getRequestCase()) {
      case REQUEST_RANGE -> range(operation.getRequestRange());
      case REQUEST_PUT -> put(operation.getRequestPut());
      case REQUEST_DELETE_RANGE -> delete(operation.getRequestDeleteRange());
      case REQUEST_TXN -> txn(operation.getRequestTxn(), most, depth + 1);
      case REQUEST_NOT_SET -> throw StoreError.KEY_NOT_FOUND.exception();
    }
  }

  private static void key(ByteString key) {
    if (key.isEmpty()) {
      throw StoreError.EMPTY_KEY.exception();
    }
  }

  /** What one path through a transaction writes: no key twice, none deleted and put. */
  private static final class Writes {
    private final TreeSet<byte[]> puts = new TreeSet<>(Keyspace.KEY_ORDER);
    private final List<KeyRange> deletes = new ArrayList<>();

    void collect(List<RequestOp> operations) {
      for (RequestOp operation : operations) {
        if (operation.hasRequestDeleteRange()) {
          DeleteRangeRequest delete = operation.getRequestDeleteRange();
          deletes.add(KeyRange.of(delete.getKey(), delete.getRangeEnd()));
        }
      }
      for (RequestOp operation : operations) {
        if (operation.hasRequestTxn()) {
          nested(operation.getRequestTxn());
        }
      }
      for (RequestOp operation : operations) {
        if (operation.hasRequestPut()) {
          add(operation.getRequestPut().getKey().toByteArray());
        }
      }
    }

    // Only one branch of a nested transaction runs: both are held against what is outside, but not
    // against each other.
    private void nested(TxnRequest request) {
      Writes success = new Writes();
      success.collect(request.getSuccessList());
      Writes failure = new Writes();
      failure.collect(request.getFailureList());
      TreeSet<byte[]> both = new TreeSet<>(Keyspace.KEY_ORDER);
      both.addAll(success.puts);
      both.addAll(failure.puts);
      both.forEach(this::add);
      for (Writes branch : List.of(success, failure)) {
        for (KeyRange delete : branch.deletes) {
          if (puts.stream().anyMatch(key -> delete.contains(key) && !both.contains(key))) {
            throw StoreError.DUPLICATE_KEY.exception();
          }
          deletes.add(delete);
        }
      }
    }

    private void add(byte[] key) {
      if (!puts.add(key) || deletes.stream().anyMatch(delete -> delete.contains(key))) {
        throw StoreError.DUPLICATE_KEY.exception();
      }
    }
  }
}
