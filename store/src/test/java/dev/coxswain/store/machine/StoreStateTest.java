package dev.coxswain.store.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.AlarmResponse;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.mvcc.RangeReader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class StoreStateTest {
  private final StoreState state = new StoreState();

  @Test
  void putCountsVersionsAndKeepsTheCreateRevision() {
    put("a", "1");
    PutResponse second =
        (PutResponse) done(new Operation.Put(request("a", "2").setPrevKv(true).build()));
    assertThat(second.getHeader().getRevision()).isEqualTo(3);
    assertThat(second.getPrevKv().getValue().toStringUtf8()).isEqualTo("1");
    assertThat(range("a").getKvs(0))
        .returns(2L, kv -> kv.getCreateRevision())
        .returns(3L, kv -> kv.getModRevision())
        .returns(2L, kv -> kv.getVersion());
  }

  @Test
  void deletingNothingTakesNoRevision() {
    put("a", "1");
    done(new Operation.DeleteRange(DeleteRangeRequest.newBuilder().setKey(utf8("nobody")).build()));
    assertThat(state.keyspace().revision()).isEqualTo(2);
  }

  @Test
  void ignoreValueAndLeaseKeepWhatIsThere() {
    assertThat(refused(new Operation.Put(request("a", "").setIgnoreValue(true).build())))
        .isEqualTo(StoreError.KEY_NOT_FOUND);
    grant(9);
    done(new Operation.Put(request("a", "kept").setLease(9).build()));
    done(new Operation.Put(request("a", "").setIgnoreValue(true).setIgnoreLease(true).build()));
    assertThat(range("a").getKvs(0))
        .returns("kept", kv -> kv.getValue().toStringUtf8())
        .returns(9L, kv -> kv.getLease());
  }

  @Test
  void revokedLeaseTakesItsKeysAlongInOneRevision() {
    grant(9);
    done(new Operation.Put(request("a", "1").setLease(9).build()));
    done(new Operation.Put(request("b", "1").setLease(9).build()));
    done(new Operation.Put(request("b", "2").build()));
    done(new Operation.Put(request("c", "1").setLease(9).build()));
    long before = state.keyspace().revision();
    done(new Operation.LeaseRevoke(LeaseRevokeRequest.newBuilder().setID(9).build()));
    assertThat(state.keyspace().revision()).isEqualTo(before + 1);
    assertThat(all().getKvsList())
        .extracting(kv -> kv.getKey().toStringUtf8())
        .containsExactly("b");
    assertThat(refused(new Operation.LeaseRevoke(LeaseRevokeRequest.newBuilder().setID(9).build())))
        .isEqualTo(StoreError.LEASE_NOT_FOUND);
  }

  @Test
  void transactionIsRefusedWholeWhenOnePutCannotBe() {
    TxnRequest request =
        TxnRequest.newBuilder()
            .addSuccess(op(request("a", "1")))
            .addSuccess(op(request("b", "1").setLease(404)))
            .build();
    assertThat(refused(new Operation.Txn(request))).isEqualTo(StoreError.LEASE_NOT_FOUND);
    assertThat(all().getCount()).isZero();
    assertThat(state.keyspace().revision()).isEqualTo(1);
  }

  /** What is written beside the reading is in neither its answer nor its header. */
  @Test
  void readsOfTransactionAreOfOneRevision() {
    long before = state.keyspace().revision();
    put("a", "1");
    TxnRequest absent =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(utf8("a"))
                    .setTarget(Compare.CompareTarget.VERSION)
                    .setVersion(0))
            .addSuccess(
                RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(utf8("a"))))
            .build();
    TxnResponse then = TxnExecutor.read(state.keyspace(), absent, before).build();
    assertThat(then.getSucceeded()).isTrue();
    assertThat(then.getResponses(0).getResponseRange().getKvsCount()).isZero();
    assertThat(then.getResponses(0).getResponseRange().getHeader().getRevision()).isEqualTo(before);
    assertThat(TxnExecutor.read(state.keyspace(), absent, before + 1).getSucceeded()).isFalse();
  }

  @Test
  void leasesAreListedInTheOrderOfTheirGrants() {
    grant(9);
    grant(-4);
    grant(3);
    assertThat(state.leases().grants())
        .extracting(LeaseTable.Grant::id)
        .containsExactly(9L, -4L, 3L);
  }

  @Test
  void hashOfNothingIsNotZero() {
    assertThat(state.keyspace().hash(state.keyspace().revision())).isNotZero();
  }

  @Test
  void missingKeyComparesAsZeroButHasNoValueToCompare() {
    Compare.Builder version =
        Compare.newBuilder()
            .setKey(utf8("a"))
            .setTarget(Compare.CompareTarget.VERSION)
            .setVersion(0);
    assertThat(txn(TxnRequest.newBuilder().addCompare(version)).getSucceeded()).isTrue();
    Compare.Builder value =
        Compare.newBuilder()
            .setKey(utf8("a"))
            .setTarget(Compare.CompareTarget.VALUE)
            .setResult(Compare.CompareResult.NOT_EQUAL)
            .setValue(utf8("x"));
    assertThat(txn(TxnRequest.newBuilder().addCompare(value)).getSucceeded()).isFalse();
  }

  @Test
  void comparisonOfARangeHoldsForEveryKeyInIt() {
    put("a", "1");
    put("b", "1");
    Compare.Builder range =
        Compare.newBuilder()
            .setKey(utf8("a"))
            .setRangeEnd(utf8("c"))
            .setTarget(Compare.CompareTarget.VALUE)
            .setValue(utf8("1"));
    assertThat(txn(TxnRequest.newBuilder().addCompare(range)).getSucceeded()).isTrue();
    put("b", "2");
    assertThat(txn(TxnRequest.newBuilder().addCompare(range)).getSucceeded()).isFalse();
  }

  @Test
  void nestedTransactionSeesTheStateBeforeButRangesSeeWhatWasWritten() {
    TxnRequest nested =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(utf8("a"))
                    .setTarget(Compare.CompareTarget.VERSION)
                    .setVersion(0))
            .addSuccess(op(request("b", "the comparison saw no a")))
            .build();
    TxnResponse response =
        txn(
            TxnRequest.newBuilder()
                .addSuccess(op(request("a", "1")))
                .addSuccess(RequestOp.newBuilder().setRequestTxn(nested))
                .addSuccess(
                    RequestOp.newBuilder()
                        .setRequestRange(RangeRequest.newBuilder().setKey(utf8("a")))));
    assertThat(response.getResponses(1).getResponseTxn().getSucceeded()).isTrue();
    assertThat(response.getResponses(2).getResponseRange().getCount()).isEqualTo(1);
    assertThat(range("b").getCount()).isEqualTo(1);
  }

  @Test
  void noSpaceStopsPutsButNotDeletes() {
    put("a", "1");
    done(alarm(AlarmRequest.AlarmAction.ACTIVATE, AlarmType.NOSPACE));
    assertThat(refused(new Operation.Put(request("b", "1").build())))
        .isEqualTo(StoreError.NO_SPACE);
    assertThat(
            refused(
                new Operation.Txn(
                    TxnRequest.newBuilder().addFailure(op(request("b", "1"))).build())))
        .isEqualTo(StoreError.NO_SPACE);
    done(new Operation.DeleteRange(DeleteRangeRequest.newBuilder().setKey(utf8("a")).build()));
    done(alarm(AlarmRequest.AlarmAction.DEACTIVATE, AlarmType.NOSPACE));
    put("b", "1");
  }

  @Test
  void corruptionStopsEverythingThatTouchesKeys() {
    put("a", "1");
    done(alarm(AlarmRequest.AlarmAction.ACTIVATE, AlarmType.CORRUPT));
    assertThat(refused(new Operation.Put(request("b", "1").build()))).isEqualTo(StoreError.CORRUPT);
    assertThat(
            refused(
                new Operation.DeleteRange(
                    DeleteRangeRequest.newBuilder().setKey(utf8("a")).build())))
        .isEqualTo(StoreError.CORRUPT);
    assertThat(refused(new Operation.Compact(compaction(2)))).isEqualTo(StoreError.CORRUPT);
    done(alarm(AlarmRequest.AlarmAction.DEACTIVATE, AlarmType.CORRUPT));
    put("b", "1");
  }

  @Test
  void alarmsAreToldByTypeAndNoneIsNoAlarm() {
    alarm(AlarmRequest.AlarmAction.ACTIVATE, 1, AlarmType.NOSPACE);
    alarm(AlarmRequest.AlarmAction.ACTIVATE, 2, AlarmType.CORRUPT);
    assertThat(alarm(AlarmRequest.AlarmAction.ACTIVATE, 3, AlarmType.NONE).getAlarmsList())
        .isEmpty();
    assertThat(alarm(AlarmRequest.AlarmAction.GET, 0, AlarmType.NONE).getAlarmsList()).hasSize(2);
    assertThat(alarm(AlarmRequest.AlarmAction.GET, 0, AlarmType.CORRUPT).getAlarmsList())
        .singleElement()
        .returns(2L, one -> one.getMemberID());
  }

  private AlarmResponse alarm(AlarmRequest.AlarmAction action, long member, AlarmType type) {
    return (AlarmResponse)
        done(
            new Operation.Alarm(
                AlarmRequest.newBuilder()
                    .setAction(action)
                    .setMemberID(member)
                    .setAlarm(type)
                    .build()));
  }

  @Test
  void aTransactionTakesNoNegativeRevision() {
    put("a", "1");
    RangeRequest range = RangeRequest.newBuilder().setKey(utf8("a")).setRevision(-1).build();
    assertThat(
            refused(
                new Operation.Txn(
                    TxnRequest.newBuilder()
                        .addSuccess(RequestOp.newBuilder().setRequestRange(range))
                        .build())))
        .isEqualTo(StoreError.COMPACTED);
  }

  @Test
  void anAlarmThatNobodyKnowsIsRefused() {
    Operation.Alarm unknown =
        new Operation.Alarm(
            AlarmRequest.newBuilder()
                .setAction(AlarmRequest.AlarmAction.ACTIVATE)
                .setAlarmValue(8)
                .build());
    assertThat(refused(unknown)).isEqualTo(StoreError.UNKNOWN_ALARM);
    assertThat(refused(new Operation.Alarm(AlarmRequest.newBuilder().setActionValue(7).build())))
        .isEqualTo(StoreError.UNKNOWN_ALARM);
    assertThat(state.alarms()).isEmpty();
  }

  @Test
  void compactionRefusesWhatIsGoneAndWhatIsNotYet() {
    put("a", "1");
    put("a", "2");
    put("a", "3");
    compact(3);
    assertThat(refused(new Operation.Compact(compaction(3)))).isEqualTo(StoreError.COMPACTED);
    assertThat(refused(new Operation.Compact(compaction(9)))).isEqualTo(StoreError.FUTURE_REVISION);
    long before = state.keyspace().bytes();
    state.keyspace().sweep();
    assertThat(state.keyspace().bytes()).isLessThan(before);
    assertThat(
            RangeReader.read(
                    state.keyspace(),
                    RangeRequest.newBuilder().setKey(utf8("a")).setRevision(3).build(),
                    4)
                .getKvs(0)
                .getValue()
                .toStringUtf8())
        .isEqualTo("2");
  }

  @Test
  void rangesSortFilterAndLimit() {
    put("a", "3");
    put("b", "1");
    put("c", "2");
    RangeRequest.Builder all = RangeRequest.newBuilder().setKey(utf8("a")).setRangeEnd(utf8("z"));
    RangeResponse limited = read(all.clone().setLimit(2));
    assertThat(keys(limited)).containsExactly("a", "b");
    assertThat(limited.getMore()).isTrue();
    assertThat(limited.getCount()).isEqualTo(3);
    assertThat(
            keys(
                read(
                    all.clone()
                        .setSortTarget(RangeRequest.SortTarget.VALUE)
                        .setSortOrder(RangeRequest.SortOrder.DESCEND)
                        .setLimit(2))))
        .containsExactly("a", "c");
    assertThat(keys(read(all.clone().setMinModRevision(3)))).containsExactly("b", "c");
    assertThat(keys(read(all.clone().setMaxCreateRevision(2)))).containsExactly("a");
    assertThat(read(all.clone().setCountOnly(true)))
        .returns(3L, RangeResponse::getCount)
        .returns(0, RangeResponse::getKvsCount);
    assertThat(read(all.clone().setKeysOnly(true)).getKvs(0).getValue().isEmpty()).isTrue();
  }

  private void put(String key, String value) {
    done(new Operation.Put(request(key, value).build()));
  }

  private void grant(long id) {
    done(new Operation.LeaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(60).build()));
  }

  private void compact(long revision) {
    done(new Operation.Compact(compaction(revision)));
  }

  private static CompactionRequest compaction(long revision) {
    return CompactionRequest.newBuilder().setRevision(revision).build();
  }

  private static Operation alarm(AlarmRequest.AlarmAction action, AlarmType type) {
    return new Operation.Alarm(
        AlarmRequest.newBuilder().setAction(action).setMemberID(1).setAlarm(type).build());
  }

  private TxnResponse txn(TxnRequest.Builder request) {
    return (TxnResponse) done(new Operation.Txn(request.build()));
  }

  private Message done(Operation operation) {
    Outcome outcome = state.apply(operation);
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done) outcome).response();
  }

  private StoreError refused(Operation operation) {
    Outcome outcome = state.apply(operation);
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused) outcome).error();
  }

  private RangeResponse range(String key) {
    return read(RangeRequest.newBuilder().setKey(utf8(key)));
  }

  private RangeResponse all() {
    return read(RangeRequest.newBuilder().setKey(utf8("a")).setRangeEnd(utf8("z")));
  }

  private RangeResponse read(RangeRequest.Builder request) {
    return RangeReader.read(state.keyspace(), request.build(), state.keyspace().revision()).build();
  }

  private static Stream<String> keys(RangeResponse response) {
    return response.getKvsList().stream().map(kv -> kv.getKey().toStringUtf8());
  }

  private static RequestOp op(PutRequest.Builder put) {
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  private static PutRequest.Builder request(String key, String value) {
    return PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value));
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Test
  void membersComeAndGoByEtcdsRules() {
    StoreState state = new StoreState();
    state.apply(new Operation.MemberSet(member(1, "http://a:1", false)));
    assertThat(refusal(state, new Operation.MemberAdd(member(2, "http://a:1", false))))
        .isEqualTo(StoreError.PEER_URL_EXISTS);
    assertThat(refusal(state, new Operation.MemberAdd(member(1, "http://b:1", false))))
        .isEqualTo(StoreError.MEMBER_EXISTS);
    assertThat(refusal(state, new Operation.MemberPromote(member(1, "", false))))
        .isEqualTo(StoreError.MEMBER_NOT_LEARNER);
    assertThat(refusal(state, new Operation.MemberRemove(member(9, "", false))))
        .isEqualTo(StoreError.MEMBER_NOT_FOUND);
    state.apply(new Operation.MemberAdd(member(2, "http://b:1", true)));
    assertThat(refusal(state, new Operation.MemberAdd(member(3, "http://c:1", true))))
        .isEqualTo(StoreError.TOO_MANY_LEARNERS);
    // What a member says of itself changes neither its peer URLs nor what it is.
    state.apply(
        new Operation.MemberSet(
            member(2, "http://x:1", false).toBuilder().setName("b").addClientURLs("c").build()));
    assertThat(state.members().find(2))
        .isEqualTo(
            member(2, "http://b:1", true).toBuilder().setName("b").addClientURLs("c").build());
    state.apply(new Operation.MemberPromote(member(2, "", false)));
    state.apply(new Operation.MemberUpdate(member(2, "http://d:1", false)));
    assertThat(state.members().find(2))
        .isEqualTo(
            member(2, "http://d:1", false).toBuilder().setName("b").addClientURLs("c").build());
    state.apply(new Operation.MemberRemove(member(2, "", false)));
    assertThat(refusal(state, new Operation.MemberAdd(member(2, "http://b:1", false))))
        .isEqualTo(StoreError.MEMBER_EXISTS);
    assertThat(refusal(state, new Operation.MemberSet(member(2, "http://b:1", false))))
        .isEqualTo(StoreError.MEMBER_NOT_FOUND);
  }

  private static Member member(long id, String url, boolean learner) {
    Member.Builder member = Member.newBuilder().setID(id).setIsLearner(learner);
    return url.isEmpty() ? member.build() : member.addPeerURLs(url).build();
  }

  private static StoreError refusal(StoreState state, Operation operation) {
    return ((Outcome.Refused) state.apply(operation)).error();
  }
}
