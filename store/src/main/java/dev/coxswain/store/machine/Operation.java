package dev.coxswain.store.machine;

import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.TxnRequest;

/** Everything that can change the replicated state. Bodies are the wire requests themselves. */
public sealed interface Operation {
  /** Writes one key. */
  record Put(PutRequest request) implements Operation {}

  /** Deletes a range. */
  record DeleteRange(DeleteRangeRequest request) implements Operation {}

  /** Compares, then does one of two lists of requests. */
  record Txn(TxnRequest request) implements Operation {}

  /** Drops history. */
  record Compact(CompactionRequest request) implements Operation {}

  /** Makes a lease; the identity was chosen by the proposer. */
  record LeaseGrant(LeaseGrantRequest request) implements Operation {}

  /** Ends a lease, because somebody asked or because the leader saw its time run out. */
  record LeaseRevoke(LeaseRevokeRequest request) implements Operation {}

  /** Raises or clears an alarm. */
  record Alarm(AlarmRequest request) implements Operation {}

  /** A founder written down, or what a member says of itself: its name and client URLs. */
  record MemberSet(Member member) implements Operation {}

  /** Lists a newcomer under a new identity. */
  record MemberAdd(Member member) implements Operation {}

  /** Changes where peers reach a member. */
  record MemberUpdate(Member member) implements Operation {}

  /** Makes a learner a voter. */
  record MemberPromote(Member member) implements Operation {}

  /** Strikes a member off; it may never come back under this identity. */
  record MemberRemove(Member member) implements Operation {}
}
