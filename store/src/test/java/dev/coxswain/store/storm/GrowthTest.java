package dev.coxswain.store.storm;

import static dev.coxswain.store.storm.Etcdctl.awaitStarted;
import static dev.coxswain.store.storm.Etcdctl.awaitWrites;
import static dev.coxswain.store.storm.Etcdctl.ctl;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members become five while clients write, and the five bear the loss of two. */
final class GrowthTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int CALL_SECONDS = 10;
  private static final int WRITERS = 4;

  @TempDir private Path directory;
  private final List<Host> hosts = new ArrayList<>();
  private final List<MemberProcess> processes = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  @AfterEach
  void stopAll() {
    stopped.set(true);
    channels.forEach(ManagedChannel::shutdownNow);
    processes.forEach(MemberProcess::kill);
  }

  private void start(Host host, String founders, String state) {
    List<String> flags = new ArrayList<>(host.flags(directory.resolve(host.name())));
    flags.add("--initial-cluster=" + founders);
    flags.add("--initial-cluster-state=" + state);
    flags.add("--snapshot-count=100");
    MemberProcess process =
        new MemberProcess(List.of(), flags, directory.resolve(host.name() + ".log"));
    processes.add(process);
    process.start();
  }

  private String founders() {
    return hosts.stream().map(Host::founder).collect(Collectors.joining(","));
  }

  @Test
  void growsFromThreeToFiveWhileWritesFlow() throws IOException, InterruptedException {
    for (String name : List.of("a", "b", "c")) {
      hosts.add(Host.named(name));
    }
    for (Host host : hosts) {
      start(host, founders(), "new");
    }
    Host first = hosts.getFirst();
    awaitWrites(first);
    awaitStarted(first, hosts.size());

    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicInteger failures = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      Writer writer = new Writer(i, hosts.get(i % hosts.size()), acknowledged, failures);
      writers.add(Thread.startVirtualThread(writer));
    }
    for (String name : List.of("d", "e")) {
      Host newcomer = Host.named(name);
      hosts.add(newcomer);
      int before = acknowledged.size();
      Awaitility.await("a healthy cluster")
          .atMost(PATIENCE)
          .until(() ->
              ctl(first, "member", "add", name, "--peer-urls=" + newcomer.peerUrl()).code() == 0);
      start(newcomer, founders(), "existing");
      awaitStarted(first, hosts.size());
      awaitWrites(newcomer);
      assertThat(acknowledged.size()).as("writes while %s joined", name).isGreaterThan(before);
    }
    assertThat(failures).as("writes that failed while members joined").hasValue(0);
    stopped.set(true);
    for (Thread writer : writers) {
      writer.join();
    }

    processes.get(0).kill();
    processes.get(1).kill();
    Host left = hosts.getLast();
    awaitWrites(left);
    assertThat(keys(left)).containsAll(acknowledged);
    processes.get(2).kill();
    Awaitility.await("two of five to be too few")
        .atMost(PATIENCE)
        .until(() -> ctl(left, "put", "in", "vain").output().contains("etcdserver: no leader"));
    assertThat(keys(left, "--consistency=s")).containsAll(acknowledged);
  }

  private static List<String> keys(Host host, String... more) {
    List<String> command = new ArrayList<>(List.of("get", "key-", "--prefix", "--keys-only"));
    command.addAll(List.of(more));
    return ctl(host, command.toArray(String[]::new)).ok().lines().toList();
  }

  /** Puts one key after the other. */
  private final class Writer implements Runnable {
    private final int number;
    private final KVGrpc.KVBlockingStub store;
    private final Queue<String> acknowledged;
    private final AtomicInteger failures;

    Writer(int number, Host host, Queue<String> acknowledged, AtomicInteger failures) {
      this.number = number;
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", host.client()).usePlaintext().build();
      channels.add(channel);
      this.store = KVGrpc.newBlockingStub(channel);
      this.acknowledged = acknowledged;
      this.failures = failures;
    }

    @Override
    public void run() {
      for (int i = 0; !stopped.get(); i++) {
        String key = "key-" + number + "-" + i;
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
  }
}
