package dev.coxswain.store.simulation;

import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What etcd's documentation says the store does, written the plainest way: the whole state is
 * copied at every revision. Knows what the simulation's clients send, no more.
 */
final class Model {
  record Entry(String value, long create, long mod, long version, long lease) {}

  record Change(String key, @Nullable Entry now, @Nullable Entry before) {}

  private final TreeMap<Long, TreeMap<String, Entry>> states = new TreeMap<>();
  private final TreeMap<Long, List<Change>> changes = new TreeMap<>();
  private final Map<Long, Long> leases = new HashMap<>();
  private long revision = 1;
  private long compacted;

  Model() {
    states.put(1L, new TreeMap<>());
  }

  long revision() {
    return revision;
  }

  long compacted() {
    return compacted;
  }

  Map<Long, Long> leases() {
    return leases;
  }

  Map<String, Entry> at(long wanted) {
    return states.floorEntry(wanted).getValue();
  }

  /** What was written from a revision on, in order. */
  List<Change> changesFrom(long first) {
    List<Change> all = new ArrayList<>();
    changes.tailMap(first, true).values().forEach(all::addAll);
    return all;
  }

  /** Carries an operation out; returns why it must be refused, or null. */
  @Nullable StoreError apply(Operation operation) {
    Step step =
        new Step(new TreeMap<>(states.lastEntry().getValue()), revision + 1, new ArrayList<>());
    StoreError refused =
        switch (operation) {
          case Operation.Put put -> put(step, put.request());
          case Operation.DeleteRange delete -> {
            delete(
                step,
                delete.request().getKey().toStringUtf8(),
                delete.request().getRangeEnd().toStringUtf8());
            yield null;
          }
          case Operation.Txn txn -> txn(step, txn.request());
          case Operation.Compact compact -> compact(compact.request().getRevision());
          case Operation.LeaseGrant grant -> {
            boolean added =
                leases.putIfAbsent(grant.request().getID(), grant.request().getTTL()) == null;
            yield added ? null : StoreError.LEASE_EXISTS;
          }
          case Operation.LeaseRevoke revoke -> revoke(step, revoke.request().getID());
          case Operation.Alarm ignored -> null;
          case Operation.MemberSet ignored -> null;
          case Operation.MemberAdd ignored -> null;
          case Operation.MemberUpdate ignored -> null;
          case Operation.MemberPromote ignored -> null;
          case Operation.MemberRemove ignored -> null;
        };
    if (refused == null && !step.changes().isEmpty()) {
      revision = step.revision();
      states.put(revision, step.state());
      changes.put(revision, step.changes());
    }
    return refused;
  }

  private record Step(TreeMap<String, Entry> state, long revision, List<Change> changes) {}

  private @Nullable StoreError check(Step step, PutRequest request) {
    if (request.getLease() != 0 && !leases.containsKey(request.getLease())) {
      return StoreError.LEASE_NOT_FOUND;
    }
    boolean keeps = request.getIgnoreLease() || request.getIgnoreValue();
    return keeps && !step.state().containsKey(request.getKey().toStringUtf8())
        ? StoreError.KEY_NOT_FOUND
        : null;
  }

  private @Nullable StoreError put(Step step, PutRequest request) {
    StoreError refused = check(step, request);
    if (refused != null) {
      return refused;
    }
    String key = request.getKey().toStringUtf8();
    Entry before = step.state().get(key);
    Entry now =
        new Entry(
            request.getIgnoreValue() && before != null
                ? before.value()
                : request.getValue().toStringUtf8(),
            before == null ? step.revision() : before.create(),
            step.revision(),
            before == null ? 1 : before.version() + 1,
            request.getIgnoreLease() && before != null ? before.lease() : request.getLease());
    step.state().put(key, now);
    step.changes().add(new Change(key, now, before));
    return null;
  }

  private static void delete(Step step, String from, String to) {
    List<String> doomed =
        to.isEmpty()
            ? (step.state().containsKey(from) ? List.of(from) : List.of())
            : from.compareTo(to) >= 0
                ? List.of()
                : List.copyOf(step.state().subMap(from, to).keySet());
    for (String key : doomed) {
      step.changes().add(new Change(key, null, step.state().remove(key)));
    }
  }

  private @Nullable StoreError txn(Step step, TxnRequest request) {
    boolean holds = request.getCompareList().stream().allMatch(one -> holds(step, one));
    List<RequestOp> chosen = holds ? request.getSuccessList() : request.getFailureList();
    for (RequestOp one : chosen) {
      StoreError refused = one.hasRequestPut() ? check(step, one.getRequestPut()) : null;
      if (refused != null) {
        return refused;
      }
    }
    for (RequestOp one : chosen) {
      if (one.hasRequestPut()) {
        put(step, one.getRequestPut());
      } else if (one.hasRequestDeleteRange()) {
        delete(
            step,
            one.getRequestDeleteRange().getKey().toStringUtf8(),
            one.getRequestDeleteRange().getRangeEnd().toStringUtf8());
      }
    }
    return null;
  }

  private static boolean holds(Step step, Compare compare) {
    Entry entry = step.state().get(compare.getKey().toStringUtf8());
    int order =
        switch (compare.getTarget()) {
          case VERSION -> Long.compare(entry == null ? 0 : entry.version(), compare.getVersion());
          case MOD -> Long.compare(entry == null ? 0 : entry.mod(), compare.getModRevision());
          default -> throw new AssertionError("the simulation does not compare this");
        };
    return switch (compare.getResult()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      default -> order != 0;
    };
  }

  private @Nullable StoreError compact(long wanted) {
    if (wanted <= compacted) {
      return StoreError.COMPACTED;
    }
    if (wanted > revision) {
      return StoreError.FUTURE_REVISION;
    }
    compacted = wanted;
    return null;
  }

  private @Nullable StoreError revoke(Step step, long id) {
    if (leases.remove(id) == null) {
      return StoreError.LEASE_NOT_FOUND;
    }
    List<String> held =
        step.state().entrySet().stream()
            .filter(entry -> entry.getValue().lease() == id)
            .map(Map.Entry::getKey)
            .toList();
    held.forEach(key -> delete(step, key, ""));
    return null;
  }
}
