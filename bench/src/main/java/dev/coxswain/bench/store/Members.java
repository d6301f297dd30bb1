package dev.coxswain.bench.store;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The members of one store, ours or etcd, each in a process of its own, on loopback. */
final class Members implements AutoCloseable {
  /** Linux' clock ticks to a second, as in /proc/PID/stat. */
  private static final double TICKS_A_SECOND = 100;

  private static final int STOP_SECONDS = 10;

  private final List<Process> processes = new ArrayList<>();
  private final List<Integer> clientPorts = new ArrayList<>();

  /** Starts so many members of a kind below a directory. */
  Members(String kind, int count, Path directory) throws IOException {
    List<Integer> peerPorts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clientPorts.add(freePort());
      peerPorts.add(freePort());
    }
    String cluster =
        IntStream.range(0, count)
            .mapToObj(i -> "m" + i + "=http://127.0.0.1:" + peerPorts.get(i))
            .collect(Collectors.joining(","));
    for (int i = 0; i < count; i++) {
      Path home = directory.resolve(kind + "-" + i);
      Files.createDirectories(home);
      List<String> command = new ArrayList<>(program(kind));
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
      processes.add(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(home.resolve("log").toFile())
              .start());
    }
  }

  private static List<String> program(String kind) {
    return kind.equals("etcd")
        ? List.of("etcd")
        : List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.coxswain.deploy.Cox",
            "store");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  List<Integer> clientPorts() {
    return clientPorts;
  }

  /** CPU seconds that all members have used. */
  double cpuSeconds() throws IOException {
    double ticks = 0;
    for (Process process : processes) {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      // Fields 14 and 15 of proc(5): user and system time; two came before the cut.
      ticks += Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
    }
    return ticks / TICKS_A_SECOND;
  }

  /** Resident memory of all members, in MiB. */
  double residentMegabytes() throws IOException {
    double kilobytes = 0;
    for (Process process : processes) {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          kilobytes += Double.parseDouble(line.replaceAll("[^0-9]", ""));
        }
      }
    }
    return kilobytes / 1024;
  }

  @Override
  public void close() throws IOException {
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
