package dev.coxswain.bench.store;

import com.google.protobuf.ByteString;
import dev.coxswain.bench.Latencies;
import dev.coxswain.proto.etcd.Event;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.proto.etcd.WatchRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.runtime.time.Time;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Watches of all keys, spread over the members, a stream each; measures how old events arrive. */
final class Watchers implements AutoCloseable {
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Ages> ages = new ArrayList<>();
  private final Time time;

  /** How old events were on arrival, in milliseconds, and how many came. */
  record Result(long events, double median, double ninetyNinth) {}

  Watchers(List<Integer> ports, int count, Time time) {
    this.time = time;
    for (int port : ports) {
      channels.add(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build());
    }
    ByteString prefix = ByteString.copyFromUtf8(Load.PREFIX);
    for (int i = 0; i < count; i++) {
      Ages mine = new Ages();
      ages.add(mine);
      StreamObserver<WatchRequest> requests =
          WatchGrpc.newStub(channels.get(i % channels.size())).watch(mine);
      requests.onNext(
          WatchRequest.newBuilder()
              .setCreateRequest(
                  WatchCreateRequest.newBuilder().setKey(prefix).setRangeEnd(Load.end()))
              .build());
    }
  }

  private final class Ages implements StreamObserver<WatchResponse> {
    private long[] nanos = new long[1024];
    private int count;

    @Override
    public synchronized void onNext(WatchResponse response) {
      long now = time.nanos();
      for (Event event : response.getEventsList()) {
        if (count == nanos.length) {
          nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = now - event.getKv().getValue().asReadOnlyByteBuffer().getLong();
      }
    }

    synchronized long[] take() {
      long[] taken = Arrays.copyOf(nanos, count);
      count = 0;
      return taken;
    }

    @Override
    public void onError(Throwable failure) {
      // Closing ends the streams; a watch that ended before shows in the number of events.
    }

    @Override
    public void onCompleted() {
      // As above.
    }
  }

  /** What came since the last time. */
  Result take() {
    long[] sorted = ages.stream().map(Ages::take).flatMapToLong(Arrays::stream).sorted().toArray();
    return new Result(
        sorted.length, Latencies.percentile(sorted, 0.5), Latencies.percentile(sorted, 0.99));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
