package dev.coxswain.apiserver.trace;

import dev.coxswain.runtime.time.Time;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Where the time of one request goes, kept while it is answered: each part has the time that went
 * into it and into no part within it, so that all of them come to the whole. It costs a look at the
 * clock where one part ends and the next begins; what it is called is put together for slow
 * requests alone.
 *
 * <p>It belongs to the request's thread, where anybody finds it; calls that are made beside each
 * other on other threads are told by {@link Calls}.
 */
public final class RequestTrace {
  private static final ScopedValue<RequestTrace> CURRENT = ScopedValue.newInstance();

  private static final Span NOTHING = () -> {};

  private static final long NANOS_A_MILLI = 1_000_000;

  /** How many calls are named, and from how long on. */
  private static final int NAMED = 5;

  private static final long NOTABLE = 20 * NANOS_A_MILLI;

  private final Time time;
  private final long begun;
  private final Map<Stage, Long> spent = new EnumMap<>(Stage.class);
  private final Map<String, Long> calls = new HashMap<>();
  private Stage now = Stage.REST;
  private long since;
  private int storeCalls;
  private StoreTimes slowest = new StoreTimes(0, 0, 0);

  private RequestTrace(Time time) {
    this.time = time;
    this.begun = time.nanos();
    this.since = begun;
  }

  /** A part that goes on until it is closed. */
  public interface Span extends AutoCloseable {
    @Override
    void close();
  }

  /** Times calls to others that a request makes; from any thread. */
  @FunctionalInterface
  public interface Calls {
    /** A call to whom an operator knows by this name begins. */
    Span begin(String name);
  }

  /** A trace that begins now. */
  public static RequestTrace begin(Time time) {
    return new RequestTrace(time);
  }

  /** Something that happens while a request is answered. */
  @FunctionalInterface
  public interface Work<X extends Exception> {
    /** Does it. */
    void run() throws X;
  }

  /** Runs work whose parts this trace is told. */
  public <X extends Exception> void during(Work<X> work) throws X {
    boolean _ =
        ScopedValue.where(CURRENT, this)
            .<Boolean, X>call(() -> {
              work.run();
              return true;
            });
  }

  /** A part of the request that this thread answers begins; of none, nothing is told. */
  public static Span enter(Stage part) {
    return CURRENT.isBound() ? CURRENT.get().begin(part) : NOTHING;
  }

  /** A call to the store begins. */
  public static Span enterStore() {
    if (!CURRENT.isBound()) {
      return NOTHING;
    }
    RequestTrace trace = CURRENT.get();
    trace.storeCalls++;
    return trace.begin(Stage.STORE);
  }

  /** Tells what the store says of a write. */
  public static void stored(StoreTimes times) {
    if (CURRENT.isBound() && times.total() > CURRENT.get().slowest.total()) {
      CURRENT.get().slowest = times;
    }
  }

  /** Where the calls of the request that this thread answers are timed. */
  public static Calls calls() {
    return CURRENT.isBound() ? CURRENT.get()::call : _ -> NOTHING;
  }

  private Span begin(Stage part) {
    Stage outer = now;
    at(part);
    return () -> at(outer);
  }

  /** From now on the time goes into this part. */
  public void at(Stage part) {
    long instant = time.nanos();
    spent.merge(now, instant - since, Long::sum);
    since = instant;
    now = part;
  }

  private Span call(String name) {
    long from = time.nanos();
    return () -> {
      long took = time.nanos() - from;
      synchronized (calls) {
        calls.merge(name, took, Long::sum);
      }
    };
  }

  /** How long it has taken so far, in nanoseconds. */
  public long total() {
    return time.nanos() - begun;
  }

  /** All parts that come to a millisecond, and the calls to others that are worth it. */
  public String parts() {
    at(now);
    StringJoiner parts = new StringJoiner(", ");
    spent.forEach((part, nanos) -> {
      long millis = nanos / NANOS_A_MILLI;
      if (millis > 0) {
        parts.add(part.text() + " " + millis + " ms" + (part == Stage.STORE ? storeCalls() : ""));
      }
    });
    StringJoiner all = new StringJoiner("; ");
    all.add(parts.toString());
    synchronized (calls) {
      calls.entrySet().stream()
          .filter(call -> call.getValue() >= NOTABLE)
          .sorted(
              Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                  .thenComparing(Map.Entry.comparingByKey()))
          .limit(NAMED)
          .forEach(call -> all.add(call.getKey() + " " + call.getValue() / NANOS_A_MILLI + " ms"));
    }
    if (slowest.total() >= NOTABLE) {
      all.add("the store of a write: " + slowest);
    }
    return all.toString();
  }

  private String storeCalls() {
    return storeCalls > 1 ? " (" + storeCalls + " calls)" : "";
  }
}
