package dev.coxswain.bench.store;

import dev.coxswain.bench.Usage;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.StatusRequest;
import dev.coxswain.proto.etcd.StatusResponse;
import dev.coxswain.runtime.time.Time;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The members of one store, ours or etcd, each in a process of its own, on loopback. */
final class Members implements AutoCloseable {
  /** The flags that {@code cox store} runs with; the bench is started in the checkout. */
  private static final Path FLAGS = Path.of("deploy/src/main/distribution/jvm").toAbsolutePath();

  /** Its jars: what a start-up cache was made for, so not this program's own class path. */
  private static final Path JARS = Path.of("deploy/target/coxswain/lib").toAbsolutePath();

  /** A member that writes a start-up cache does so while it stops. */
  private static final int STOP_SECONDS = 60;

  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int ANSWER_MILLIS = 1000;

  private final Time time;
  private final List<List<String>> commands = new ArrayList<>();
  private final List<Path> logs = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private final List<Integer> clientPorts = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Which program the members are. */
  enum Kind {
    /** Ours. */
    COXSWAIN,
    /** The etcd on the path. */
    ETCD
  }

  /** Starts so many members of a kind below a directory, with further flags each. */
  Members(Kind kind, int count, Path directory, Time time, List<String> java, List<String> flags)
      throws IOException {
    this.time = time;
    List<Integer> peerPorts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clientPorts.add(freePort());
      peerPorts.add(freePort());
      channels.add(
          NettyChannelBuilder.forAddress("127.0.0.1", clientPorts.get(i)).usePlaintext().build());
    }
    String cluster =
        IntStream.range(0, count)
            .mapToObj(i -> "m" + i + "=http://127.0.0.1:" + peerPorts.get(i))
            .collect(Collectors.joining(","));
    for (int i = 0; i < count; i++) {
      Path home = directory.resolve(kind.name().toLowerCase(Locale.ROOT) + "-" + i);
      Files.createDirectories(home);
      List<String> command = new ArrayList<>(program(kind, java));
      String client = "http://127.0.0.1:" + clientPorts.get(i);
      String peer = "http://127.0.0.1:" + peerPorts.get(i);
      command.addAll(
          List.of(
              "--name=m" + i,
              "--data-dir=" + home.resolve("data"),
              "--listen-client-urls=" + client,
              "--advertise-client-urls=" + client,
              "--listen-peer-urls=" + peer,
              "--initial-advertise-peer-urls=" + peer,
              "--initial-cluster=" + cluster));
      command.addAll(flags);
      commands.add(command);
      logs.add(home.resolve("log"));
      processes.add(start(i));
    }
  }

  private Process start(int index) throws IOException {
    return new ProcessBuilder(commands.get(index))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(logs.get(index).toFile()))
        .start();
  }

  private static List<String> program(Kind kind, List<String> java) throws IOException {
    if (kind == Kind.ETCD) {
      return List.of("etcd");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + FLAGS.resolve("all.flags"));
    command.add("@" + FLAGS.resolve("store.flags"));
    command.addAll(java);
    command.addAll(
        List.of("-cp", jar("deploy") + ":" + jar("store"), "dev.coxswain.deploy.Cox", "store"));
    return command;
  }

  private static Path jar(String module) throws IOException {
    try (Stream<Path> jars = Files.list(JARS)) {
      return jars.filter(jar ->
              jar.getFileName()
                  .toString()
                  .matches("coxswain-" + module + "-[0-9].*(?<!-tests)\\.jar"))
          .findFirst()
          .orElseThrow(
              () -> new IOException(JARS + " has no jar of " + module + ": package first"));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  List<Integer> clientPorts() {
    return clientPorts;
  }

  /** Waits until every member answers a linearizable read; returns the seconds it took. */
  double awaitReady() throws InterruptedException {
    long started = time.nanos();
    for (int i = 0; i < channels.size(); i++) {
      awaitReady(i);
    }
    return (time.nanos() - started) / 1e9;
  }

  private void awaitReady(int index) throws InterruptedException {
    RangeRequest any = RangeRequest.newBuilder().setKey(Load.anyKey()).build();
    long end = time.nanos() + START.toNanos();
    while (ask(
            index,
            channel ->
                KVGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                    .range(any))
        .isEmpty()) {
      if (time.nanos() - end > 0) {
        throw new IllegalStateException(
            "member " + index + " is not ready: see " + logs.get(index));
      }
      channels.get(index).resetConnectBackoff();
      time.sleep(PAUSE);
    }
  }

  /** The leader's index, as it says of itself. */
  Optional<Integer> leader() {
    for (int i = 0; i < channels.size(); i++) {
      Optional<StatusResponse> status =
          ask(
              i,
              channel ->
                  MaintenanceGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                      .status(StatusRequest.getDefaultInstance()));
      if (status.filter(one -> one.getLeader() == one.getHeader().getMemberId()).isPresent()) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** How far a member's log is, in entries. */
  long logIndex(int index) {
    return ask(
            index,
            channel ->
                MaintenanceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                    .status(StatusRequest.getDefaultInstance()))
        .map(StatusResponse::getRaftIndex)
        .orElse(-1L);
  }

  private <T> Optional<T> ask(int index, Function<ManagedChannel, T> question) {
    try {
      return Optional.of(question.apply(channels.get(index)));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  /** Kills a member as {@code kill -9} does, and waits until it is gone. */
  void kill(int index) throws InterruptedException {
    processes.get(index).destroyForcibly().waitFor();
  }

  /** Starts a killed member again; returns the seconds until it answers a linearizable read. */
  double restart(int index) throws IOException, InterruptedException {
    long started = time.nanos();
    processes.set(index, start(index));
    awaitReady(index);
    return (time.nanos() - started) / 1e9;
  }

  /** CPU seconds that all members have used. */
  double cpuSeconds() throws IOException {
    double seconds = 0;
    for (Process process : processes) {
      seconds += Usage.cpuSeconds(process.pid());
    }
    return seconds;
  }

  /** Resident memory of all members, in MiB. */
  double residentMegabytes() throws IOException {
    double mebibytes = 0;
    for (Process process : processes) {
      mebibytes += Usage.residentMebibytes(process.pid());
    }
    return mebibytes;
  }

  @Override
  public void close() throws IOException {
    channels.forEach(ManagedChannel::shutdownNow);
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
      }
    }
  }
}
