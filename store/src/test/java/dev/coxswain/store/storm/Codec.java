package dev.coxswain.store.storm;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.ResponseOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.history.Answer;
import dev.coxswain.store.history.Change;
import dev.coxswain.store.history.Entry;
import dev.coxswain.store.history.Event;
import dev.coxswain.store.history.Request;
import java.util.ArrayList;
import java.util.List;

/** Requests and answers of a history as the protocol has them. */
final class Codec {
  private Codec() {}

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  static RangeRequest range(Request.Read read) {
    return RangeRequest.newBuilder()
        .setKey(bytes(read.from()))
        .setRangeEnd(bytes(read.to()))
        .setSerializable(read.serializable())
        .setRevision(read.at())
        .build();
  }

  static Answer.Found found(RangeResponse response) {
    return new Answer.Found(response.getHeader().getRevision(), entries(response));
  }

  private static List<Entry> entries(RangeResponse response) {
    return response.getKvsList().stream().map(Codec::entry).toList();
  }

  static Entry entry(KeyValue kv) {
    return new Entry(
        kv.getKey().toStringUtf8(),
        kv.getValue().toStringUtf8(),
        kv.getCreateRevision(),
        kv.getModRevision(),
        kv.getVersion(),
        kv.getLease());
  }

  static Event event(dev.coxswain.proto.etcd.Event event) {
    boolean put = event.getType() == dev.coxswain.proto.etcd.Event.EventType.PUT;
    return new Event(
        event.getKv().getModRevision(),
        event.getKv().getKey().toStringUtf8(),
        put ? entry(event.getKv()) : null);
  }

  static PutRequest put(Change.Put put) {
    return PutRequest.newBuilder()
        .setKey(bytes(put.key()))
        .setValue(bytes(put.value()))
        .setLease(put.lease())
        .setPrevKv(true)
        .build();
  }

  static DeleteRangeRequest delete(Change.Delete delete) {
    return DeleteRangeRequest.newBuilder().setKey(bytes(delete.key())).setPrevKv(true).build();
  }

  static TxnRequest txn(Request.Write write) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (Request.Guard guard : write.guards()) {
      txn.addCompare(
          Compare.newBuilder()
              .setKey(bytes(guard.key()))
              .setTarget(Compare.CompareTarget.MOD)
              .setResult(Compare.CompareResult.EQUAL)
              .setModRevision(guard.mod()));
      txn.addFailure(
          RequestOp.newBuilder()
              .setRequestRange(RangeRequest.newBuilder().setKey(bytes(guard.key()))));
    }
    for (Change change : write.changes()) {
      switch (change) {
        case Change.Put put -> txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(put)));
        case Change.Delete delete ->
            txn.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete(delete)));
      }
    }
    return txn.build();
  }

  static Answer answer(TxnResponse response) {
    long revision = response.getHeader().getRevision();
    List<Entry> entries = new ArrayList<>();
    for (ResponseOp one : response.getResponsesList()) {
      if (one.hasResponsePut() && one.getResponsePut().hasPrevKv()) {
        entries.add(entry(one.getResponsePut().getPrevKv()));
      }
      one.getResponseDeleteRange().getPrevKvsList().forEach(kv -> entries.add(entry(kv)));
      entries.addAll(entries(one.getResponseRange()));
    }
    return response.getSucceeded()
        ? new Answer.Written(revision, entries)
        : new Answer.Withheld(revision, entries);
  }
}
