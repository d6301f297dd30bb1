package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import dev.coxswain.store.watch.WatchSink;
import dev.coxswain.store.watch.WatchStream;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** etcdserverpb.Watch: streams in and out of the dispatcher's thread. */
final class WatchService extends WatchGrpc.WatchImplBase {
  /**
   * A stream with so many bytes on their way takes no more: what comes meanwhile shares the next
   * response. With gRPC's 32 KiB a busy connection would be handed a response for each event.
   */
  private static final int READY_BYTES = 1024;

  private final WatchDispatcher dispatcher;
  private final Stamp stamp;

  WatchService(WatchDispatcher dispatcher, Stamp stamp) {
    this.dispatcher = dispatcher;
    this.stamp = stamp;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
    ServerCallStreamObserver<WatchResponse> call =
        (ServerCallStreamObserver<WatchResponse>) observer;
    Client client = new Client(call);
    call.disableAutoRequest();
    call.setOnReadyThreshold(READY_BYTES);
    call.setOnReadyHandler(client::roomCame);
    call.setOnCancelHandler(client::end);
    // A call that was ended here: by a response that could not be sent, say.
    call.setOnCloseHandler(client::end);
    dispatcher.post(client::open);
    call.request(1);
    return client;
  }

  /** One client's stream. Its request is taken by the dispatcher before the next is asked for. */
  private final class Client implements StreamObserver<WatchRequest>, WatchSink {
    private final ServerCallStreamObserver<WatchResponse> call;
    private final Demand demand;

    /** Touched by the dispatcher's thread only. */
    private @Nullable WatchStream stream;

    Client(ServerCallStreamObserver<WatchResponse> call) {
      this.call = call;
      this.demand = new Demand(call);
    }

    void roomCame() {
      demand.roomCame();
      dispatcher.wake();
    }

    void open(WatchHub hub) {
      stream = hub.open(this);
    }

    void end() {
      dispatcher.post(this::close);
    }

    private void close(WatchHub hub) {
      WatchStream open = stream;
      if (open != null) {
        stream = null;
        hub.close(open);
      }
    }

    @Override
    public void onNext(WatchRequest request) {
      dispatcher.post(hub -> take(hub, request));
    }

    private void take(WatchHub hub, WatchRequest request) {
      WatchStream open = stream;
      if (open == null) {
        return;
      }
      switch (request.getRequestUnionCase()) {
        case CREATE_REQUEST -> hub.create(open, request.getCreateRequest());
        case CANCEL_REQUEST -> hub.cancel(open, request.getCancelRequest().getWatchId());
        case PROGRESS_REQUEST -> hub.askProgress(open);
        case REQUESTUNION_NOT_SET -> {
          // A request of a newer protocol: ignored, as etcd does.
        }
      }
      demand.next();
    }

    @Override
    public void onError(Throwable failure) {
      end();
    }

    /** A client that asks for no more is still told: only its leaving ends its watches. */
    @Override
    public void onCompleted() {}

    @Override
    public boolean ready() {
      return call.isReady() && !call.isCancelled();
    }

    @Override
    public void send(WatchResponse response) {
      if (!call.isCancelled()) {
        call.onNext(response.toBuilder().setHeader(stamp.header(response.getHeader())).build());
      }
    }
  }
}
