package dev.coxswain.store.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseGrantResponse;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.watch.WatchDispatcher;
import java.util.Optional;

/**
 * Those who want the same name stand in line: each with a key of its own under the name, which ends
 * with its lease, and the oldest key is first. What locks and elections have in common, kept in the
 * store as etcd's own clients keep it, so that either may stand in one line. Its calls block.
 */
final class Line {
  /** For who names no lease of its own. */
  private static final long LEASE_SECONDS = 60;

  private final StoreNode node;
  private final WatchDispatcher watches;
  private final Quota quota;
  private final RequestChecks checks;
  private final Randomness randomness;

  /**
   * A place in a line.
   *
   * @param revision what created the key; who has a smaller one is ahead
   * @param value what the key holds
   * @param first whether nobody was ahead when the place was taken
   */
  record Place(
      ByteString name,
      ByteString key,
      long lease,
      long revision,
      ByteString value,
      boolean first,
      ResponseHeader header) {}

  Line(
      StoreNode node,
      WatchDispatcher watches,
      Quota quota,
      RequestChecks checks,
      Randomness randomness) {
    this.node = node;
    this.watches = watches;
    this.quota = quota;
    this.checks = checks;
    this.randomness = randomness;
  }

  /** Takes a place, or finds the one that the lease has already. */
  Place enter(ByteString name, long lease, ByteString value) {
    long named = lease != 0 ? lease : newLease();
    ByteString key = name.concat(ByteString.copyFromUtf8("/" + Long.toHexString(named)));
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(created(key, 0))
            .addSuccess(put(key, value, named))
            .addSuccess(range(oldest(name)))
            .addFailure(range(RangeRequest.newBuilder().setKey(key).build()))
            .addFailure(range(oldest(name)))
            .build();
    // It is several times as large as what was asked for.
    checks.size(request);
    quota.admit(request.getSerializedSize());
    TxnResponse answer = (TxnResponse) write(new Operation.Txn(request));
    long revision = answer.getHeader().getRevision();
    ByteString held = value;
    if (!answer.getSucceeded()) {
      KeyValue mine = answer.getResponses(0).getResponseRange().getKvs(0);
      revision = mine.getCreateRevision();
      held = mine.getValue();
    }
    KeyValue owner = answer.getResponses(1).getResponseRange().getKvs(0);
    boolean first = owner.getCreateRevision() == revision;
    return new Place(name, key, named, revision, held, first, answer.getHeader());
  }

  private long newLease() {
    LeaseGrantRequest request =
        LeaseGrantRequest.newBuilder()
            .setTTL(LEASE_SECONDS)
            .setID(randomness.below(Long.MAX_VALUE - 1) + 1)
            .build();
    quota.admit(request.getSerializedSize());
    return ((LeaseGrantResponse) write(new Operation.LeaseGrant(request))).getID();
  }

  /**
   * Waits until nobody is ahead of a place.
   *
   * @return as of when; nothing where the caller is gone before
   */
  Optional<ResponseHeader> untilFirst(Place place, Caller<?> caller) {
    while (!caller.isGone()) {
      RangeResponse ahead =
          read(
              under(place.name())
                  .setSortTarget(RangeRequest.SortTarget.CREATE)
                  .setSortOrder(RangeRequest.SortOrder.DESCEND)
                  .setMaxCreateRevision(place.revision() - 1)
                  .setLimit(1)
                  .build());
      if (ahead.getKvsCount() == 0) {
        return Optional.of(ahead.getHeader());
      }
      untilDeleted(ahead.getKvs(0).getKey(), ahead.getHeader().getRevision() + 1, caller);
    }
    return Optional.empty();
  }

  private void untilDeleted(ByteString key, long from, Caller<?> caller) {
    WatchCreateRequest.Builder request =
        WatchCreateRequest.newBuilder().setKey(key).addFilters(WatchCreateRequest.FilterType.NOPUT);
    try (Listening listening = listen(request, from, caller)) {
      listening.awaitEvent();
    }
  }

  /** Follows what becomes of keys from a revision on. */
  Listening listen(WatchCreateRequest.Builder keys, long from, Caller<?> caller) {
    return new Listening(watches, keys.setStartRevision(from).build(), caller);
  }

  /** Waits until somebody enters a line. */
  void untilEntered(ByteString name, long from, Caller<?> caller) {
    WatchCreateRequest.Builder request =
        WatchCreateRequest.newBuilder()
            .setKey(prefix(name))
            .setRangeEnd(end(name))
            .addFilters(WatchCreateRequest.FilterType.NODELETE);
    try (Listening listening = listen(request, from, caller)) {
      listening.awaitEvent();
    }
  }

  /** Who is first under a name, if anybody. */
  RangeResponse first(ByteString name) {
    return read(oldest(name));
  }

  /** What a key holds. */
  RangeResponse at(ByteString key) {
    return read(RangeRequest.newBuilder().setKey(key).build());
  }

  /** Gives a key up. */
  ResponseHeader delete(ByteString key) {
    DeleteRangeRequest request = DeleteRangeRequest.newBuilder().setKey(key).build();
    checks.size(request);
    RequestChecks.delete(request);
    return ((DeleteRangeResponse) write(new Operation.DeleteRange(request))).getHeader();
  }

  /** Gives a key up, if it still is the one that was created then. */
  ResponseHeader deleteIf(ByteString key, long revision) {
    return change(
            key,
            revision,
            RequestOp.newBuilder()
                .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                .build())
        .getHeader();
  }

  /** Writes a key, if it still is the one that was created then. */
  TxnResponse putIf(ByteString key, long revision, ByteString value, long lease) {
    RequestOp put = put(key, value, lease);
    quota.admit(put.getSerializedSize());
    return change(key, revision, put);
  }

  private TxnResponse change(ByteString key, long revision, RequestOp operation) {
    TxnRequest request =
        TxnRequest.newBuilder().addCompare(created(key, revision)).addSuccess(operation).build();
    checks.size(request);
    checks.txn(request);
    return (TxnResponse) write(new Operation.Txn(request));
  }

  private Message write(Operation operation) {
    return node.write(operation).join();
  }

  private RangeResponse read(RangeRequest request) {
    return node.range(request).join();
  }

  private static RangeRequest oldest(ByteString name) {
    return under(name)
        .setSortTarget(RangeRequest.SortTarget.CREATE)
        .setSortOrder(RangeRequest.SortOrder.ASCEND)
        .setLimit(1)
        .build();
  }

  private static RangeRequest.Builder under(ByteString name) {
    return RangeRequest.newBuilder().setKey(prefix(name)).setRangeEnd(end(name));
  }

  private static ByteString prefix(ByteString name) {
    return name.concat(ByteString.copyFromUtf8("/"));
  }

  /** The byte after the slash: just past all that begins with the prefix. */
  private static ByteString end(ByteString name) {
    return name.concat(ByteString.copyFromUtf8("0"));
  }

  private static Compare created(ByteString key, long revision) {
    return Compare.newBuilder()
        .setKey(key)
        .setTarget(Compare.CompareTarget.CREATE)
        .setResult(Compare.CompareResult.EQUAL)
        .setCreateRevision(revision)
        .build();
  }

  private static RequestOp put(ByteString key, ByteString value, long lease) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value).setLease(lease))
        .build();
  }

  private static RequestOp range(RangeRequest request) {
    return RequestOp.newBuilder().setRequestRange(request).build();
  }
}
