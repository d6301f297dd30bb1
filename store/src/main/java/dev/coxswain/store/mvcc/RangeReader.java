package dev.coxswain.store.mvcc;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeRequest.SortOrder;
import dev.coxswain.proto.etcd.RangeRequest.SortTarget;
import dev.coxswain.proto.etcd.RangeResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Answers a Range request from a keyspace: sorting, filters, limits and counts by etcd's rules. */
public final class RangeReader {
  private RangeReader() {}

  /**
   * Reads at the request's revision, or at {@code current} when it names none. The response has no
   * header.
   */
  public static RangeResponse.Builder read(Keyspace keyspace, RangeRequest request, long current) {
    long at = request.getRevision() > 0 ? request.getRevision() : current;
    KeyRange range = KeyRange.of(request.getKey(), request.getRangeEnd());
    RangeResponse.Builder response = RangeResponse.newBuilder();
    Comparator<KeyVersion> order = order(request);
    boolean filtered = filtered(request);
    long limit = request.getLimit() > 0 ? request.getLimit() : Long.MAX_VALUE;
    boolean partly = request.getCountOnly() || limit < Long.MAX_VALUE;
    OptionalLong counted = partly ? keyspace.count(range, at) : OptionalLong.empty();
    if (request.getCountOnly() && counted.isPresent()) {
      return response.setCount(counted.getAsLong());
    }
    Collector collector =
        new Collector(
            request,
            order == null ? limit : Long.MAX_VALUE,
            filtered,
            counted.isPresent() && !request.getCountOnly());
    keyspace.scan(range, at, collector::visit);
    response.setCount(counted.orElse(collector.count));
    if (request.getCountOnly()) {
      return response;
    }
    List<KeyVersion> found = collector.found;
    boolean more = collector.more;
    if (order != null) {
      found.sort(order);
      if (found.size() > limit) {
        found = found.subList(0, (int) limit);
        more = true;
      }
    }
    List<KeyValue> values = new ArrayList<>(found.size());
    for (KeyVersion version : found) {
      values.add(request.getKeysOnly() ? version.toKeyOnly() : version.toKeyValue());
    }
    return response.addAllKvs(values).setMore(more);
  }

  private static final class Collector {
    private final RangeRequest request;
    private final long limit;
    private final boolean filtered;
    private final boolean counted;
    private final List<KeyVersion> found = new ArrayList<>();
    private long count;
    private boolean more;

    Collector(RangeRequest request, long limit, boolean filtered, boolean counted) {
      this.request = request;
      this.limit = limit;
      this.filtered = filtered;
      this.counted = counted;
    }

    /** False when no further version can change the answer. */
    boolean visit(KeyVersion version) {
      count++;
      if (request.getCountOnly() || (filtered && !passes(version))) {
        return true;
      }
      if (found.size() < limit) {
        found.add(version);
        return true;
      }
      more = true;
      return !counted;
    }

    private boolean passes(KeyVersion version) {
      return within(version.modRevision(), request.getMinModRevision(), request.getMaxModRevision())
          && within(
              version.createRevision(),
              request.getMinCreateRevision(),
              request.getMaxCreateRevision());
    }

    private static boolean within(long revision, long minimum, long maximum) {
      return (minimum == 0 || revision >= minimum) && (maximum == 0 || revision <= maximum);
    }
  }

  private static boolean filtered(RangeRequest request) {
    return request.getMinModRevision() != 0
        || request.getMaxModRevision() != 0
        || request.getMinCreateRevision() != 0
        || request.getMaxCreateRevision() != 0;
  }

  /** Null when the keys' own order is what is asked for. */
  private static @Nullable Comparator<KeyVersion> order(RangeRequest request) {
    SortOrder order = request.getSortOrder();
    SortTarget target = request.getSortTarget();
    boolean descending = order == SortOrder.DESCEND;
    if (target == SortTarget.KEY && !descending) {
      return null;
    }
    Comparator<KeyVersion> ascending =
        switch (target) {
          case KEY, UNRECOGNIZED -> Comparator.comparing(KeyVersion::key, Keyspace.KEY_ORDER);
          case VERSION -> Comparator.comparingLong(KeyVersion::version);
          case CREATE -> Comparator.comparingLong(KeyVersion::createRevision);
          case MOD -> Comparator.comparingLong(KeyVersion::modRevision);
          case VALUE ->
              Comparator.comparing(
                  RangeReader::valueOf, ByteString.unsignedLexicographicalComparator());
        };
    return descending ? ascending.reversed() : ascending;
  }

  private static ByteString valueOf(KeyVersion version) {
    ByteString value = version.value();
    return value == null ? ByteString.EMPTY : value;
  }
}
