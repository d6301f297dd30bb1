package dev.coxswain.apiserver.storage;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.Event;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A watch over the whole store. The stream asks for a message when one has been taken, so at most
 * {@link #IN_FLIGHT} wait here.
 */
final class EtcdWatch implements StoreWatch, ClientResponseObserver<WatchRequest, WatchResponse> {
  /** How many messages are under way or waiting to be read. */
  private static final int IN_FLIGHT = 16;

  /** One byte of value zero: as a range end it means "to the end of the key space". */
  private static final ByteString OPEN_END = ByteString.copyFrom(new byte[] {0});

  /** What arrives: a message, or the reason why there will be none. */
  private sealed interface Arrival {}

  private record Message(WatchResponse response) implements Arrival {}

  private record Ended(Throwable why) implements Arrival {}

  private final EtcdConnection connection;
  private final EtcdConnection.Attempt attempt;
  // One more than in flight, for the end.
  private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(IN_FLIGHT + 2);
  private volatile @Nullable ClientCallStreamObserver<WatchRequest> requests;

  EtcdWatch(EtcdConnection connection, long fromRevision) {
    this.connection = connection;
    this.attempt = connection.attempt();
    var stream = WatchGrpc.newStub(attempt.channel()).watch(this);
    stream.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(OPEN_END)
                    .setRangeEnd(OPEN_END)
                    .setStartRevision(fromRevision))
            .build());
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchRequest> stream) {
    requests = stream;
    stream.disableAutoRequestWithInitial(IN_FLIGHT);
  }

  @Override
  public void onNext(WatchResponse response) {
    arrivals.add(new Message(response));
  }

  @Override
  public void onError(Throwable why) {
    arrivals.add(new Ended(why));
  }

  @Override
  public void onCompleted() {
    arrivals.add(new Ended(Status.UNAVAILABLE.withDescription("stream ended").asException()));
  }

  @Override
  public List<StoreChange> next(Duration wait) throws InterruptedException {
    Arrival arrival = arrivals.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    return switch (arrival) {
      case null -> List.of();
      case Ended ended -> {
        connection.failed(attempt, "watch: " + ended.why().getMessage());
        throw new StoreUnavailableException("the store's watch broke", false, ended.why());
      }
      case Message message -> {
        ClientCallStreamObserver<WatchRequest> stream = requests;
        if (stream != null) {
          stream.request(1);
        }
        yield changes(message.response());
      }
    };
  }

  private static List<StoreChange> changes(WatchResponse response) {
    if (response.getCompactRevision() > 0) {
      throw new CompactedException("compacted up to " + response.getCompactRevision());
    }
    if (response.getCanceled()) {
      throw new StoreUnavailableException(
          "the store cancelled the watch: " + response.getCancelReason(),
          false,
          Status.CANCELLED.asException());
    }
    List<StoreChange> changes = new ArrayList<>(response.getEventsCount());
    for (Event event : response.getEventsList()) {
      changes.add(
          event.getType() == Event.EventType.DELETE
              ? new StoreChange.Delete(
                  event.getKv().getKey().toStringUtf8(), event.getKv().getModRevision())
              : new StoreChange.Put(EtcdStore.value(event.getKv())));
    }
    return changes;
  }

  @Override
  public void close() {
    ClientCallStreamObserver<WatchRequest> stream = requests;
    if (stream != null) {
      stream.cancel("closed", null);
    }
  }
}
