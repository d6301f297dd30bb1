package dev.coxswain.apiserver.storage;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A transaction whose answer got lost. What became of it is told by the history of its object: the
 * revision that it expected was followed either by what it wanted, or by something else.
 *
 * <p>Objects carry a random uid, so bytes that equal ours were written by us, or say the same.
 */
final class LostWrite {
  private final Function<RangeRequest, RangeResponse> store;
  private final List<StoreWrite> writes;
  private final StoreWrite first;

  /** A transaction, and where to read. */
  LostWrite(Function<RangeRequest, RangeResponse> store, List<StoreWrite> writes) {
    this.store = store;
    this.writes = writes;
    this.first = writes.getFirst();
  }

  /**
   * How it ended; empty where nobody can know.
   *
   * @throws CompactedException when the history is gone
   */
  Optional<WriteOutcome> outcome() {
    RangeResponse answer = read(first.key(), 0);
    @Nullable KeyValue current = value(answer);
    long revision = current == null ? StoreWrite.ABSENT : current.getModRevision();
    if (revision == first.expected()) {
      // Not stored so far; but it may still be on its way, so it cannot be called a failure.
      return Optional.empty();
    }
    if (first.expected() == StoreWrite.ABSENT) {
      return created(current);
    }
    long now = answer.getHeader().getRevision();
    if (first.expected() == StoreWrite.ANY) {
      return wanted(current) ? done(current == null ? now : revision) : Optional.empty();
    }
    return followed(current, current == null ? now : revision);
  }

  /** What began otherwise may have replaced ours after that was deleted again. */
  private Optional<WriteOutcome> created(@Nullable KeyValue current) {
    if (current == null) {
      return Optional.empty();
    }
    long since = current.getCreateRevision();
    KeyValue begun = current.getModRevision() == since ? current : at(since);
    return wanted(begun) ? done(since) : Optional.empty();
  }

  /** Looks for the revision at which what was expected ended. */
  private Optional<WriteOutcome> followed(@Nullable KeyValue current, long revision) {
    long during = first.expected();
    long after = revision;
    @Nullable KeyValue next = current;
    // What is there now is mostly what came next.
    long look = after - 1;
    while (during < look) {
      KeyValue there = at(look);
      if (there != null && there.getModRevision() == first.expected()) {
        during = look;
      } else {
        after = there == null ? look : there.getModRevision();
        next = there;
      }
      look = during + (after - during) / 2;
    }
    return wanted(next) ? done(after) : Optional.of(new WriteOutcome.Conflict(found(current)));
  }

  private boolean wanted(@Nullable KeyValue value) {
    return switch (first) {
      case StoreWrite.Put put ->
          value != null
              && value.getLease() == put.lease()
              && value.getValue().equals(UnsafeByteOperations.unsafeWrap(put.bytes()));
      case StoreWrite.Delete delete -> value == null;
      case StoreWrite.Check check -> false;
    };
  }

  private static Optional<WriteOutcome> done(long revision) {
    return Optional.of(new WriteOutcome.Done(revision));
  }

  private List<@Nullable StoredValue> found(@Nullable KeyValue current) {
    List<@Nullable StoredValue> found = new ArrayList<>();
    found.add(stored(current));
    for (StoreWrite other : writes.subList(1, writes.size())) {
      found.add(stored(value(read(other.key(), 0))));
    }
    return found;
  }

  private static @Nullable StoredValue stored(@Nullable KeyValue pair) {
    return pair == null ? null : EtcdStore.value(pair);
  }

  private @Nullable KeyValue at(long revision) {
    return value(read(first.key(), revision));
  }

  private RangeResponse read(String key, long revision) {
    return store.apply(
        RangeRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setRevision(revision)
            .build());
  }

  private static @Nullable KeyValue value(RangeResponse answer) {
    return answer.getKvsList().isEmpty() ? null : answer.getKvs(0);
  }
}
