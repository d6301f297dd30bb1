package dev.coxswain.store.machine;

import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.AlarmMember;
import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.AlarmResponse;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.CompactionResponse;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseGrantResponse;
import dev.coxswain.proto.etcd.LeaseRevokeResponse;
import dev.coxswain.proto.etcd.MemberAddResponse;
import dev.coxswain.proto.etcd.MemberPromoteResponse;
import dev.coxswain.proto.etcd.MemberRemoveResponse;
import dev.coxswain.proto.etcd.MemberUpdateResponse;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.mvcc.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The replicated state: keys, leases, alarms, members. Applying the same operations in the same
 * order gives the same state and the same outcomes on every member; there is no clock and no chance
 * in here. One thread applies; the parts may be read beside it.
 */
public final class StoreState {
  private final Keyspace keyspace;
  private final LeaseTable leases;
  private final Members members;
  private final ConcurrentSkipListSet<Alarm> alarms = new ConcurrentSkipListSet<>();
  private final TxnExecutor executor;

  /** An alarm of one member. */
  public record Alarm(long member, AlarmType type) implements Comparable<Alarm> {
    @Override
    public int compareTo(Alarm other) {
      int order = Long.compareUnsigned(member, other.member);
      return order != 0 ? order : type.compareTo(other.type);
    }
  }

  /** An empty state. */
  public StoreState() {
    this(new Keyspace(), new LeaseTable(), new Members(), List.of());
  }

  /** A state read back from a snapshot. */
  public StoreState(Keyspace keyspace, LeaseTable leases, Members members, List<Alarm> alarms) {
    this.keyspace = keyspace;
    this.leases = leases;
    this.members = members;
    this.alarms.addAll(alarms);
    this.executor = new TxnExecutor(leases);
  }

  /** The keys. */
  public Keyspace keyspace() {
    return keyspace;
  }

  /** The leases. */
  public LeaseTable leases() {
    return leases;
  }

  /** The members. */
  public Members members() {
    return members;
  }

  /** The alarms raised now. */
  public List<Alarm> alarms() {
    return List.copyOf(alarms);
  }

  /** Whether any member is out of space, which stops all writes that grow the store. */
  public boolean outOfSpace() {
    return raised(AlarmType.NOSPACE);
  }

  private boolean raised(AlarmType type) {
    for (Alarm alarm : alarms) {
      if (alarm.type() == type) {
        return true;
      }
    }
    return false;
  }

  /** Applies one operation. */
  public Outcome apply(Operation operation) {
    try {
      return new Outcome.Done(perform(operation));
    } catch (StoreException e) {
      return new Outcome.Refused(e.error());
    }
  }

  private Message perform(Operation operation) {
    if (raised(AlarmType.CORRUPT) && touchesKeys(operation)) {
      throw StoreError.CORRUPT.exception();
    }
    return switch (operation) {
      case Operation.Put put -> put(put.request());
      case Operation.DeleteRange delete -> delete(delete.request());
      case Operation.Txn txn -> txn(txn.request());
      case Operation.Compact compact -> compact(compact.request());
      case Operation.LeaseGrant grant -> grant(grant.request());
      case Operation.LeaseRevoke revoke -> revoke(revoke.request().getID());
      case Operation.Alarm alarm -> alarm(alarm.request());
      case Operation.MemberSet set -> {
        members.introduce(set.member());
        yield MemberAddResponse.newBuilder()
            .setHeader(header(keyspace.revision()))
            .setMember(set.member())
            .addAllMembers(members.all())
            .build();
      }
      case Operation.MemberAdd add -> {
        members.add(add.member());
        yield MemberAddResponse.newBuilder()
            .setHeader(header(keyspace.revision()))
            .setMember(add.member())
            .addAllMembers(members.all())
            .build();
      }
      case Operation.MemberUpdate update -> {
        members.move(update.member());
        yield MemberUpdateResponse.newBuilder()
            .setHeader(header(keyspace.revision()))
            .addAllMembers(members.all())
            .build();
      }
      case Operation.MemberPromote promote -> {
        members.promote(promote.member().getID());
        yield MemberPromoteResponse.newBuilder()
            .setHeader(header(keyspace.revision()))
            .addAllMembers(members.all())
            .build();
      }
      case Operation.MemberRemove remove -> {
        members.remove(remove.member().getID());
        alarms.removeIf(alarm -> alarm.member() == remove.member().getID());
        yield MemberRemoveResponse.newBuilder()
            .setHeader(header(keyspace.revision()))
            .addAllMembers(members.all())
            .build();
      }
    };
  }

  // What etcd refuses while a member's data is said to differ from the others'.
  private static boolean touchesKeys(Operation operation) {
    return switch (operation) {
      case Operation.Put ignored -> true;
      case Operation.DeleteRange ignored -> true;
      case Operation.Txn ignored -> true;
      case Operation.Compact ignored -> true;
      case Operation.LeaseGrant ignored -> true;
      case Operation.LeaseRevoke ignored -> true;
      case Operation.Alarm ignored -> false;
      case Operation.MemberSet ignored -> false;
      case Operation.MemberAdd ignored -> false;
      case Operation.MemberUpdate ignored -> false;
      case Operation.MemberPromote ignored -> false;
      case Operation.MemberRemove ignored -> false;
    };
  }

  private Message put(PutRequest request) {
    if (outOfSpace()) {
      throw StoreError.NO_SPACE.exception();
    }
    executor.check(keyspace, request);
    Transaction transaction = keyspace.begin();
    var response = executor.put(transaction, request);
    return response.setHeader(header(transaction.commit())).build();
  }

  private Message delete(DeleteRangeRequest request) {
    Transaction transaction = keyspace.begin();
    var response = executor.delete(transaction, request);
    return response.setHeader(header(transaction.commit())).build();
  }

  private Message txn(TxnRequest request) {
    if (outOfSpace() && TxnExecutor.writesValues(request)) {
      throw StoreError.NO_SPACE.exception();
    }
    Transaction transaction = keyspace.begin();
    var response = executor.txn(transaction, request);
    return response.setHeader(header(transaction.commit())).build();
  }

  private Message compact(CompactionRequest request) {
    keyspace.compact(request.getRevision());
    return CompactionResponse.newBuilder().setHeader(header(keyspace.revision())).build();
  }

  private Message grant(LeaseGrantRequest request) {
    if (outOfSpace()) {
      throw StoreError.NO_SPACE.exception();
    }
    long seconds = leases.grant(request.getID(), request.getTTL());
    return LeaseGrantResponse.newBuilder()
        .setHeader(header(keyspace.revision()))
        .setID(request.getID())
        .setTTL(seconds)
        .build();
  }

  private Message revoke(long id) {
    List<byte[]> keys = leases.revoke(id);
    Transaction transaction = keyspace.begin();
    for (byte[] key : keys) {
      transaction.delete(KeyRange.single(key));
    }
    return LeaseRevokeResponse.newBuilder().setHeader(header(transaction.commit())).build();
  }

  private Message alarm(AlarmRequest request) {
    if (request.getAlarm() == AlarmType.UNRECOGNIZED) {
      throw StoreError.UNKNOWN_ALARM.exception();
    }
    Alarm alarm = new Alarm(request.getMemberID(), request.getAlarm());
    List<Alarm> answered = new ArrayList<>();
    switch (request.getAction()) {
      case GET ->
          alarms.stream()
              .filter(one -> alarm.type() == AlarmType.NONE || one.type() == alarm.type())
              .forEach(answered::add);
      case ACTIVATE -> {
        if (alarm.type() != AlarmType.NONE) {
          alarms.add(alarm);
          answered.add(alarm);
        }
      }
      case DEACTIVATE -> {
        if (alarms.remove(alarm)) {
          answered.add(alarm);
        }
      }
      case UNRECOGNIZED -> throw StoreError.UNKNOWN_ALARM.exception();
    }
    AlarmResponse.Builder response =
        AlarmResponse.newBuilder().setHeader(header(keyspace.revision()));
    for (Alarm one : answered) {
      response.addAlarms(AlarmMember.newBuilder().setMemberID(one.member()).setAlarm(one.type()));
    }
    return response.build();
  }

  private static ResponseHeader header(long revision) {
    return ResponseHeader.newBuilder().setRevision(revision).build();
  }
}
