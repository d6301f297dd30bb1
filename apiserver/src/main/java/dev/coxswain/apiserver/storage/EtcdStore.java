package dev.coxswain.apiserver.storage;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.StoreTimes;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.ResponseOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.proto.etcd.WriteTimes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The store over the etcd v3 API, ours or etcd itself. */
public final class EtcdStore implements Store {
  /** How long one attempt at a call may take. */
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  /** How long one attempt at reading a large page may take. */
  private static final Duration RANGE_DEADLINE = Duration.ofSeconds(30);

  private final EtcdConnection connection;

  /**
   * Opens channels, without waiting for an endpoint to answer.
   *
   * @throws IOException when TLS cannot be set up
   */
  public EtcdStore(EtcdConfig config) throws IOException {
    this.connection = new EtcdConnection(config);
  }

  @Override
  public long revision() {
    RangeRequest request =
        RangeRequest.newBuilder().setKey(bytes(StoreKeys.ROOT)).setCountOnly(true).build();
    return range(request, DEADLINE).getHeader().getRevision();
  }

  @Override
  public Optional<StoredValue> get(String key) {
    RangeResponse answer = range(RangeRequest.newBuilder().setKey(bytes(key)).build(), DEADLINE);
    return answer.getKvsList().stream().findFirst().map(EtcdStore::value);
  }

  @Override
  public StorePage range(String from, String to, long revision, int limit) {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(bytes(from))
            .setRangeEnd(bytes(to))
            .setRevision(revision)
            .setLimit(limit)
            .build();
    RangeResponse answer = range(request, RANGE_DEADLINE);
    return new StorePage(
        answer.getKvsList().stream().map(EtcdStore::value).toList(),
        revision == 0 ? answer.getHeader().getRevision() : revision,
        answer.getMore(),
        answer.getCount());
  }

  private RangeResponse range(RangeRequest request, Duration deadline) {
    try {
      return connection.call(
          true,
          channel ->
              KVGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                  .range(request));
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  @Override
  public WriteOutcome commit(List<StoreWrite> writes) {
    TxnRequest request = transaction(writes);
    try {
      return outcome(
          connection.call(
              false,
              channel ->
                  KVGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                      .txn(request)));
    } catch (StatusRuntimeException e) {
      if (!unclear(e)) {
        throw failure(e);
      }
      return lookWhatBecameOf(
          writes,
          new StoreUnavailableException("the store failed: " + EtcdConnection.reason(e), true, e));
    } catch (StoreUnavailableException e) {
      if (!e.undecided()) {
        throw e;
      }
      return lookWhatBecameOf(writes, e);
    }
  }

  private static TxnRequest transaction(List<StoreWrite> writes) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    for (StoreWrite write : writes) {
      ByteString name = bytes(write.key());
      if (write.expected() != StoreWrite.ANY) {
        request.addCompare(
            Compare.newBuilder()
                .setTarget(Compare.CompareTarget.MOD)
                .setResult(Compare.CompareResult.EQUAL)
                .setKey(name)
                .setModRevision(write.expected()));
      }
      switch (write) {
        case StoreWrite.Put put ->
            request.addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(
                        PutRequest.newBuilder()
                            .setKey(name)
                            .setValue(UnsafeByteOperations.unsafeWrap(put.bytes()))
                            .setLease(put.lease())));
        case StoreWrite.Delete delete ->
            request.addSuccess(
                RequestOp.newBuilder()
                    .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(name)));
        case StoreWrite.Check check -> {
          // The comparison is all.
        }
      }
      request.addFailure(
          RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(name)));
    }
    return request.build();
  }

  /** A write whose answer got lost: says how it ended, or that nobody knows. */
  private WriteOutcome lookWhatBecameOf(List<StoreWrite> writes, StoreUnavailableException lost) {
    Optional<WriteOutcome> outcome = Optional.empty();
    try {
      outcome = new LostWrite(request -> range(request, DEADLINE), writes).outcome();
    } catch (CompactedException | StoreUnavailableException unseen) {
      // That it cannot be looked up does not make it a failure.
      lost.addSuppressed(unseen);
    }
    return outcome.orElseThrow(() -> lost);
  }

  private static WriteOutcome outcome(TxnResponse answer) {
    if (answer.getHeader().hasWriteTimes()) {
      WriteTimes times = answer.getHeader().getWriteTimes();
      RequestTrace.stored(
          new StoreTimes(times.getWaited(), times.getAppended(), times.getCommitted()));
    }
    if (answer.getSucceeded()) {
      return new WriteOutcome.Done(answer.getHeader().getRevision());
    }
    List<@Nullable StoredValue> found = new ArrayList<>();
    for (ResponseOp response : answer.getResponsesList()) {
      List<KeyValue> values = response.getResponseRange().getKvsList();
      found.add(values.isEmpty() ? null : value(values.getFirst()));
    }
    return new WriteOutcome.Conflict(found);
  }

  @Override
  public StoreWatch watch(long fromRevision) {
    return new EtcdWatch(connection, fromRevision);
  }

  @Override
  public long grantLease(Duration timeToLive) {
    LeaseGrantRequest request =
        LeaseGrantRequest.newBuilder().setTTL(timeToLive.toSeconds()).build();
    try {
      return connection
          .call(
              true,
              channel ->
                  LeaseGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                      .leaseGrant(request))
          .getID();
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  @Override
  public void compact(long revision) {
    CompactionRequest request = CompactionRequest.newBuilder().setRevision(revision).build();
    try {
      connection.call(
          true,
          channel ->
              KVGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                  .compact(request));
    } catch (StatusRuntimeException e) {
      RuntimeException failure = failure(e);
      // Another API server was faster.
      if (!(failure instanceof CompactedException)) {
        throw failure;
      }
    }
  }

  /** Whether something broke, instead of being refused: it may have been done before that. */
  private static boolean unclear(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case UNKNOWN, INTERNAL -> true;
      default -> false;
    };
  }

  /** What a refusal of the store's means to whoever asked. */
  static RuntimeException failure(StatusRuntimeException e) {
    String text = String.valueOf(e.getStatus().getDescription());
    if (e.getStatus().getCode() == Status.Code.OUT_OF_RANGE && text.contains("compacted")) {
      return new CompactedException(text);
    }
    if (tooLarge(e.getStatus().getCode(), text)) {
      return new ApiException(
          StatusReason.REQUEST_ENTITY_TOO_LARGE, "etcdserver: request is too large");
    }
    return new StoreUnavailableException(
        "the store refused: " + EtcdConnection.reason(e), false, e);
  }

  /**
   * Ours and etcd refuse what does not fit into a message, or is a larger request than they take.
   */
  private static boolean tooLarge(Status.Code code, String text) {
    return switch (code) {
      case RESOURCE_EXHAUSTED ->
          text.contains("message exceeds maximum size") || text.contains("message larger than max");
      case INVALID_ARGUMENT -> text.contains("request is too large");
      default -> false;
    };
  }

  static StoredValue value(KeyValue pair) {
    return new StoredValue(
        pair.getKey().toStringUtf8(), pair.getValue().toByteArray(), pair.getModRevision());
  }

  private static ByteString bytes(String key) {
    return ByteString.copyFromUtf8(key);
  }

  @Override
  public void close() {
    connection.close();
  }
}
