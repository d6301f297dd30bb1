package dev.coxswain.store.machine;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.ResponseOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.mvcc.RangeReader;
import dev.coxswain.store.mvcc.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out requests within one transaction. Everything that can be refused is refused before the
 * first write, so a transaction is done whole or not at all.
 */
public final class TxnExecutor {
  private final LeaseTable leases;

  TxnExecutor(LeaseTable leases) {
    this.leases = leases;
  }

  /** Reads only: evaluates a transaction without writes against the published state. */
  public static TxnResponse.Builder read(Keyspace keyspace, TxnRequest request, long revision) {
    TxnExecutor executor = new TxnExecutor(new LeaseTable());
    return executor.run(new View(keyspace, revision, null), request);
  }

  /** True when no branch of a transaction writes. */
  public static boolean readsOnly(TxnRequest request) {
    return request.getSuccessList().stream().allMatch(TxnExecutor::readsOnly)
        && request.getFailureList().stream().allMatch(TxnExecutor::readsOnly);
  }

  private static boolean readsOnly(RequestOp operation) {
    return operation.hasRequestRange()
        || (operation.hasRequestTxn() && readsOnly(operation.getRequestTxn()));
  }

  /** True when some branch of a transaction puts a value. */
  public static boolean writesValues(TxnRequest request) {
    return request.getSuccessList().stream().anyMatch(TxnExecutor::writesValues)
        || request.getFailureList().stream().anyMatch(TxnExecutor::writesValues);
  }

  private static boolean writesValues(RequestOp operation) {
    return operation.hasRequestPut()
        || (operation.hasRequestTxn() && writesValues(operation.getRequestTxn()));
  }

  /** Where a transaction looks: a keyspace at a revision, and the open write if there is one. */
  private record View(Keyspace keyspace, long readRevision, @Nullable Transaction transaction) {
    long revision() {
      return transaction == null ? readRevision : transaction.revision();
    }

    Transaction writing() {
      if (transaction == null) {
        throw new IllegalStateException("a transaction read as one without writes has writes");
      }
      return transaction;
    }
  }

  void check(Keyspace keyspace, PutRequest request) {
    if (request.getLease() != 0 && !leases.contains(request.getLease())) {
      throw StoreError.LEASE_NOT_FOUND.exception();
    }
    if ((request.getIgnoreValue() || request.getIgnoreLease())
        && keyspace.get(request.getKey().toByteArray(), keyspace.revision()) == null) {
      throw StoreError.KEY_NOT_FOUND.exception();
    }
  }

  PutResponse.Builder put(Transaction transaction, PutRequest request) {
    byte[] key = request.getKey().toByteArray();
    KeyVersion before = transaction.get(key);
    ByteString value = request.getValue();
    long lease = request.getLease();
    if (before != null && request.getIgnoreValue()) {
      ByteString kept = before.value();
      value = kept == null ? value : kept;
    }
    if (before != null && request.getIgnoreLease()) {
      lease = before.lease();
    }
    KeyVersion written = transaction.put(key, value, lease);
    if (before != null && before.lease() != 0 && before.lease() != lease) {
      leases.detach(before.lease(), key);
    }
    if (lease != 0) {
      leases.attach(lease, written.key());
    }
    PutResponse.Builder response = PutResponse.newBuilder();
    if (before != null && request.getPrevKv()) {
      response.setPrevKv(before.toKeyValue());
    }
    return response;
  }

  DeleteRangeResponse.Builder delete(Transaction transaction, DeleteRangeRequest request) {
    List<KeyVersion> deleted =
        transaction.delete(KeyRange.of(request.getKey(), request.getRangeEnd()));
    DeleteRangeResponse.Builder response =
        DeleteRangeResponse.newBuilder().setDeleted(deleted.size());
    for (KeyVersion version : deleted) {
      if (version.lease() != 0) {
        leases.detach(version.lease(), version.key());
      }
      if (request.getPrevKv()) {
        response.addPrevKvs(version.toKeyValue());
      }
    }
    return response;
  }

  TxnResponse.Builder txn(Transaction transaction, TxnRequest request) {
    return run(new View(transaction.keyspace(), transaction.readRevision(), transaction), request);
  }

  // As etcd does it: all comparisons, nested ones included, look at the state before the first
  // write; then the chosen branches are checked; then they run.
  private TxnResponse.Builder run(View view, TxnRequest request) {
    List<Boolean> path = new ArrayList<>();
    choose(view, request, path);
    check(view, request, new Cursor(path));
    return execute(view, request, new Cursor(path));
  }

  private static final class Cursor {
    private final List<Boolean> path;
    private int next;

    Cursor(List<Boolean> path) {
      this.path = path;
    }

    boolean take() {
      return path.get(next++);
    }
  }

  private static List<RequestOp> branch(TxnRequest request, boolean succeeded) {
    return succeeded ? request.getSuccessList() : request.getFailureList();
  }

  private static void choose(View view, TxnRequest request, List<Boolean> path) {
    boolean succeeded = true;
    for (Compare compare : request.getCompareList()) {
      if (!holds(view, compare)) {
        succeeded = false;
        break;
      }
    }
    path.add(succeeded);
    for (RequestOp operation : branch(request, succeeded)) {
      if (operation.hasRequestTxn()) {
        choose(view, operation.getRequestTxn(), path);
      }
    }
  }

  private void check(View view, TxnRequest request, Cursor path) {
    for (RequestOp operation : branch(request, path.take())) {
      switch (operation.getRequestCase()) {
        case REQUEST_PUT -> check(view.keyspace(), operation.getRequestPut());
        case REQUEST_TXN -> check(view, operation.getRequestTxn(), path);
        case REQUEST_RANGE -> {
          long revision = operation.getRequestRange().getRevision();
          // A negative one too, unlike in a range of its own: so does etcd.
          if (revision != 0) {
            view.keyspace().checkReadable(revision);
          }
        }
        case REQUEST_DELETE_RANGE, REQUEST_NOT_SET -> {
          // Nothing about these can fail.
        }
      }
    }
  }

  private TxnResponse.Builder execute(View view, TxnRequest request, Cursor path) {
    boolean succeeded = path.take();
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(succeeded);
    for (RequestOp operation : branch(request, succeeded)) {
      ResponseOp.Builder one = ResponseOp.newBuilder();
      switch (operation.getRequestCase()) {
        case REQUEST_RANGE -> one.setResponseRange(range(view, operation.getRequestRange()));
        case REQUEST_PUT ->
            one.setResponsePut(
                put(view.writing(), operation.getRequestPut()).setHeader(header(view)));
        case REQUEST_DELETE_RANGE ->
            one.setResponseDeleteRange(
                delete(view.writing(), operation.getRequestDeleteRange()).setHeader(header(view)));
        case REQUEST_TXN ->
            one.setResponseTxn(
                execute(view, operation.getRequestTxn(), path).setHeader(header(view)));
        case REQUEST_NOT_SET -> {
          // An empty operation has an empty response.
        }
      }
      response.addResponses(one);
    }
    return response;
  }

  private static RangeResponse.Builder range(View view, RangeRequest request) {
    return RangeReader.read(view.keyspace(), request, view.readRevision()).setHeader(header(view));
  }

  private static ResponseHeader header(View view) {
    return ResponseHeader.newBuilder().setRevision(view.revision()).build();
  }

  private static boolean holds(View view, Compare compare) {
    KeyRange range = KeyRange.of(compare.getKey(), compare.getRangeEnd());
    List<KeyVersion> found = new ArrayList<>();
    view.keyspace().forEach(range, view.readRevision(), found::add);
    if (found.isEmpty()) {
      return holds(compare, null);
    }
    for (KeyVersion version : found) {
      if (!holds(compare, version)) {
        return false;
      }
    }
    return true;
  }

  // A key that does not exist has zero for every number and no value at all: comparing its value
  // fails, whatever the comparison.
  private static boolean holds(Compare compare, @Nullable KeyVersion version) {
    int order =
        switch (compare.getTarget()) {
          case VERSION ->
              Long.compare(version == null ? 0 : version.version(), compare.getVersion());
          case CREATE ->
              Long.compare(
                  version == null ? 0 : version.createRevision(), compare.getCreateRevision());
          case MOD ->
              Long.compare(version == null ? 0 : version.modRevision(), compare.getModRevision());
          case LEASE -> Long.compare(version == null ? 0 : version.lease(), compare.getLease());
          case VALUE, UNRECOGNIZED -> 0;
        };
    if (compare.getTarget() == Compare.CompareTarget.VALUE) {
      ByteString value = version == null ? null : version.value();
      if (value == null) {
        return false;
      }
      order = ByteString.unsignedLexicographicalComparator().compare(value, compare.getValue());
    }
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case UNRECOGNIZED -> true;
    };
  }
}
