package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.history.Event;
import dev.coxswain.store.history.Watching;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A watcher that wants to see everything: when its connection breaks, or now and then for no
 * reason, it goes on at another member from where it was.
 */
final class Observer implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final String name;
  private final String from;
  private final String to;
  private final Time time;
  private final Randomness random;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Watching.Sighting> sightings = new ArrayList<>();
  private long seen = 1;
  private int generation;
  private boolean closed;
  private @Nullable StreamObserver<WatchRequest> stream;

  Observer(String name, String from, String to, Fleet fleet, Time time, Randomness random) {
    this.name = name;
    this.from = from;
    this.to = to;
    this.time = time;
    this.random = random;
    for (int i = 0; i < Fleet.SIZE; i++) {
      channels.add(fleet.connect(i));
    }
    connect();
  }

  /** The revision up to which it knows everything. */
  synchronized long seen() {
    return seen;
  }

  /** What it was told. */
  synchronized Watching watching() {
    return new Watching(name, from, to, 1, List.copyOf(sightings));
  }

  /** Breaks off and goes on somewhere. */
  synchronized void move() {
    StreamObserver<WatchRequest> open = stream;
    connect();
    if (open instanceof ClientCallStreamObserver<WatchRequest> call) {
      call.cancel("it watches elsewhere now", null);
    }
  }

  private synchronized void connect() {
    if (closed) {
      return;
    }
    int mine = ++generation;
    if (mine > 1) {
      sightings.add(new Watching.Sighting.Resumed());
    }
    ManagedChannel channel = channels.get((int) random.below(Fleet.SIZE));
    channel.resetConnectBackoff();
    StreamObserver<WatchRequest> requests =
        WatchGrpc.newStub(channel)
            .watch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(WatchResponse response) {
                    told(mine, response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    again(mine);
                  }

                  @Override
                  public void onCompleted() {
                    again(mine);
                  }
                });
    stream = requests;
    requests.onNext(
        WatchRequest.newBuilder()
            .setCreateRequest(
                WatchCreateRequest.newBuilder()
                    .setKey(Codec.bytes(from))
                    .setRangeEnd(Codec.bytes(to))
                    .setStartRevision(seen + 1)
                    .setProgressNotify(true))
            .build());
  }

  private synchronized void again(int mine) {
    if (mine == generation && !closed) {
      var _ =
          time.after(
              PAUSE,
              () -> {
                synchronized (this) {
                  if (mine == generation) {
                    connect();
                  }
                }
              });
    }
  }

  private synchronized void told(int mine, WatchResponse response) {
    if (mine != generation || closed) {
      return;
    }
    if (response.getCanceled()) {
      if (response.getCompactRevision() > 0) {
        seen = response.getCompactRevision();
        sightings.add(new Watching.Sighting.Skipped(seen + 1));
      }
      connect();
      return;
    }
    if (response.getEventsCount() > 0) {
      List<Event> events = response.getEventsList().stream().map(Codec::event).toList();
      sightings.add(new Watching.Sighting.Told(events, time.nanos()));
      seen = Math.max(seen, events.getLast().revision());
    } else if (!response.getCreated()) {
      long revision = response.getHeader().getRevision();
      sightings.add(new Watching.Sighting.Progress(revision));
      seen = Math.max(seen, revision);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
