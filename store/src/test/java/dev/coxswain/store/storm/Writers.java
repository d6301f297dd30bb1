package dev.coxswain.store.storm;

import static dev.coxswain.store.storm.Etcdctl.ctl;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that put one key after the other while something else is done to the store. */
final class Writers implements AutoCloseable {
  /** Longer than a member makes anybody wait: what fails was refused. */
  private static final int CALL_SECONDS = 30;

  private static final int WRITERS = 4;
  private static final String PREFIX = "key-";

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();

  /** Starts them, each at one of these members. */
  void startOn(List<Host> hosts) {
    for (int i = 0; i < WRITERS; i++) {
      int number = i;
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", hosts.get(i % hosts.size()).client())
              .usePlaintext()
              .build();
      channels.add(channel);
      threads.add(Thread.startVirtualThread(() -> write(number, channel)));
    }
  }

  private void write(int number, ManagedChannel channel) {
    KVGrpc.KVBlockingStub store = KVGrpc.newBlockingStub(channel);
    for (int i = 0; !stopped.get(); i++) {
      String key = PREFIX + number + "-" + i;
      try {
        var _ =
            store
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .put(
                    PutRequest.newBuilder()
                        .setKey(Codec.bytes(key))
                        .setValue(Codec.bytes("x"))
                        .build());
        acknowledged.add(key);
      } catch (StatusRuntimeException e) {
        failures.incrementAndGet();
      }
    }
  }

  /** The keys whose puts were answered. */
  Queue<String> acknowledged() {
    return acknowledged;
  }

  /** How many puts failed. */
  int failures() {
    return failures.get();
  }

  /** Ends them and waits until they have. */
  void stop() throws InterruptedException {
    stopped.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** All the keys that a member holds; {@code more} as etcdctl takes it. */
  static List<String> keys(Host host, String... more) {
    List<String> command = new ArrayList<>(List.of("get", PREFIX, "--prefix", "--keys-only"));
    command.addAll(List.of(more));
    return ctl(host, command.toArray(String[]::new)).ok().lines().toList();
  }

  @Override
  public void close() {
    stopped.set(true);
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
