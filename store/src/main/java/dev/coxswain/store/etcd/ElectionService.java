package dev.coxswain.store.etcd;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CampaignRequest;
import dev.coxswain.proto.etcd.CampaignResponse;
import dev.coxswain.proto.etcd.ElectionGrpc;
import dev.coxswain.proto.etcd.Event;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.LeaderKey;
import dev.coxswain.proto.etcd.LeaderRequest;
import dev.coxswain.proto.etcd.LeaderResponse;
import dev.coxswain.proto.etcd.ProclaimRequest;
import dev.coxswain.proto.etcd.ProclaimResponse;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.ResignRequest;
import dev.coxswain.proto.etcd.ResignResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.store.error.StoreError;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Executor;

/** v3electionpb.Election: who is first in the line of a name leads. */
final class ElectionService extends ElectionGrpc.ElectionImplBase {
  private final Line line;
  private final Stamp stamp;
  private final Executor workers;

  ElectionService(Line line, Stamp stamp, Executor workers) {
    this.line = line;
    this.stamp = stamp;
    this.workers = workers;
  }

  @Override
  public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> observer) {
    WaitingCalls.run(
        workers, observer, caller -> campaign(request, caller).ifPresent(caller::answer));
  }

  private Optional<CampaignResponse> campaign(CampaignRequest request, Caller<?> caller) {
    Line.Place place = line.enter(request.getName(), request.getLease(), request.getValue());
    Optional<ResponseHeader> header;
    try {
      if (!place.value().equals(request.getValue())) {
        proclaim(place.key(), place.revision(), request.getValue(), place.lease());
      }
      header = place.first() ? Optional.of(place.header()) : line.untilFirst(place, caller);
    } catch (RuntimeException failure) {
      line.deleteIf(place.key(), place.revision());
      throw failure;
    }
    if (header.isEmpty() || caller.isGone()) {
      // Nobody is there to lead.
      line.deleteIf(place.key(), place.revision());
      return Optional.empty();
    }
    LeaderKey leader =
        LeaderKey.newBuilder()
            .setName(request.getName())
            .setKey(place.key())
            .setRev(place.revision())
            .setLease(place.lease())
            .build();
    return header.map(seen ->
        CampaignResponse.newBuilder().setHeader(stamp.header(seen)).setLeader(leader).build());
  }

  private ResponseHeader proclaim(ByteString key, long revision, ByteString value, long lease) {
    TxnResponse answer = line.putIf(key, revision, value, lease);
    if (!answer.getSucceeded()) {
      throw StoreError.ELECTION_NOT_LEADER.exception();
    }
    return answer.getHeader();
  }

  @Override
  public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> observer) {
    WaitingCalls.run(
        workers,
        observer,
        caller -> {
          if (!request.hasLeader()) {
            throw StoreError.ELECTION_NO_LEADER_KEY.exception();
          }
          LeaderKey leader = request.getLeader();
          ResponseHeader header =
              proclaim(leader.getKey(), leader.getRev(), request.getValue(), leader.getLease());
          caller.answer(ProclaimResponse.newBuilder().setHeader(stamp.header(header)).build());
        });
  }

  @Override
  public void resign(ResignRequest request, StreamObserver<ResignResponse> observer) {
    WaitingCalls.run(
        workers,
        observer,
        caller -> {
          if (!request.hasLeader()) {
            throw StoreError.ELECTION_NO_LEADER_KEY.exception();
          }
          ResponseHeader header =
              line.deleteIf(request.getLeader().getKey(), request.getLeader().getRev());
          caller.answer(ResignResponse.newBuilder().setHeader(stamp.header(header)).build());
        });
  }

  @Override
  public void leader(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
    WaitingCalls.run(
        workers,
        observer,
        caller -> {
          RangeResponse first = line.first(request.getName());
          if (first.getKvsCount() == 0) {
            throw StoreError.ELECTION_NO_LEADER.exception();
          }
          caller.answer(response(first.getHeader(), first.getKvs(0)));
        });
  }

  private LeaderResponse response(ResponseHeader header, KeyValue leader) {
    return LeaderResponse.newBuilder().setHeader(stamp.header(header)).setKv(leader).build();
  }

  @Override
  public void observe(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
    WaitingCalls.run(workers, observer, caller -> observe(request.getName(), caller));
  }

  private void observe(ByteString name, Caller<LeaderResponse> caller) {
    while (!caller.isGone()) {
      RangeResponse first = line.first(name);
      long next = first.getHeader().getRevision() + 1;
      if (first.getKvsCount() == 0) {
        line.untilEntered(name, next, caller);
      } else {
        KeyValue leader = first.getKvs(0);
        caller.tell(response(first.getHeader(), leader));
        follow(leader.getKey(), next, caller);
      }
    }
  }

  /** Tells what a leader proclaims until its key is gone. */
  private void follow(ByteString key, long from, Caller<LeaderResponse> caller) {
    try (Listening listening =
        line.listen(WatchCreateRequest.newBuilder().setKey(key), from, caller)) {
      Optional<WatchResponse> heard = listening.next();
      while (heard.isPresent() && !heard.get().getCanceled()) {
        for (Event event : heard.get().getEventsList()) {
          if (event.getType() == Event.EventType.DELETE) {
            return;
          }
          caller.tell(response(heard.get().getHeader(), event.getKv()));
        }
        heard = listening.next();
      }
    }
  }
}
