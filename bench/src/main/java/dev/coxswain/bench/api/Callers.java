package dev.coxswain.bench.api;

import dev.coxswain.bench.Latencies;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** Closed loops: so many callers, each on a connection of its own, one request at a time. */
final class Callers implements AutoCloseable {
  private final List<Connection> connections = new ArrayList<>();
  private final Connection.Target target;
  private final Time time;

  /**
   * What a window came to.
   *
   * @param requests answered as they should be
   * @param failures answered otherwise
   * @param refusal the status of one of those; 0 when there was none
   * @param seconds that the window lasted
   * @param median of the latency, in milliseconds; and {@code ninetyNinth} likewise
   * @param bytes of all bodies that came back
   */
  record Result(
      long requests,
      long failures,
      int refusal,
      double seconds,
      double median,
      double ninetyNinth,
      long bytes) {
    double rate() {
      return requests / seconds;
    }
  }

  Callers(Connection.Target target, Time time) {
    this.target = target;
    this.time = time;
  }

  /** So many requests by so many callers; each is made of its number. */
  Result run(int callers, long requests, LongFunction<Connection.Request> request)
      throws IOException, InterruptedException {
    return run(callers, requests, Long.MAX_VALUE / 2, new AtomicLong(), request);
  }

  /** As many requests as fit into so many seconds; numbers go on from where the counter stands. */
  Result window(
      int callers, double seconds, AtomicLong counter, LongFunction<Connection.Request> request)
      throws IOException, InterruptedException {
    return run(callers, Long.MAX_VALUE, (long) (seconds * 1e9), counter, request);
  }

  private Result run(
      int callers,
      long requests,
      long nanos,
      AtomicLong counter,
      LongFunction<Connection.Request> request)
      throws IOException, InterruptedException {
    while (connections.size() < callers) {
      connections.add(new Connection(target));
    }
    long started = time.nanos();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Caller>> running = new ArrayList<>();
      for (Connection connection : connections.subList(0, callers)) {
        running.add(
            threads.submit(() -> {
              Caller caller = new Caller();
              for (long n = counter.getAndIncrement();
                  n < requests && time.nanos() - started < nanos;
                  n = counter.getAndIncrement()) {
                caller.call(connection, request.apply(n));
              }
              return caller;
            }));
      }
      List<Caller> done = new ArrayList<>();
      for (Future<Caller> one : running) {
        done.add(one.get());
      }
      return result(done, (time.nanos() - started) / 1e9);
    } catch (ExecutionException failed) {
      throw new IOException("a caller gave up: " + failed.getCause(), failed);
    }
  }

  private static Result result(List<Caller> callers, double seconds) {
    long[] sorted = callers.stream().flatMapToLong(Caller::latencies).sorted().toArray();
    return new Result(
        sorted.length,
        callers.stream().mapToLong(caller -> caller.failures).sum(),
        callers.stream().mapToInt(caller -> caller.refusal).max().orElse(0),
        seconds,
        Latencies.percentile(sorted, 0.5),
        Latencies.percentile(sorted, 0.99),
        callers.stream().mapToLong(caller -> caller.bytes).sum());
  }

  private final class Caller {
    private long[] nanos = new long[1024];
    private int count;
    private long failures;
    private int refusal;
    private long bytes;

    void call(Connection connection, Connection.Request request) throws IOException {
      long asked = time.nanos();
      Connection.Answer answer = connection.call(request);
      if (answer.status() >= 300) {
        failures++;
        refusal = answer.status();
        return;
      }
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, count * 2);
      }
      nanos[count++] = time.nanos() - asked;
      bytes += answer.bytes();
    }

    LongStream latencies() {
      return Arrays.stream(nanos, 0, count);
    }
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
