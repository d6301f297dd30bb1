package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of a slow request where its time went. */
public final class SlowRequests {
  private static final Logger log = LoggerFactory.getLogger(SlowRequests.class);

  /** From how long on a request that is no stream is worth a line: upstream's. */
  static final Duration SLOW = Duration.ofMillis(500);

  /** Where everything is slow, some tell of all. */
  static final int LINES_A_SECOND = 10;

  private static final long NANOS_A_MILLI = 1_000_000;
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Time time;
  private final Consumer<String> say;
  private long second;
  private int lines;
  private long unsaid;

  /** Speaks in the log. */
  public SlowRequests(Time time) {
    this(time, log::warn);
  }

  /** Speaks to an operator. */
  public SlowRequests(Time time, Consumer<String> say) {
    this.time = time;
    this.say = say;
    this.second = time.nanos();
  }

  /** A request that is no stream was answered. */
  void finished(Exchange exchange, RequestInfo info, RequestTrace trace) {
    long took = trace.total();
    if (took < SLOW.toNanos()) {
      return;
    }
    long before;
    synchronized (this) {
      if (!due()) {
        unsaid++;
        return;
      }
      before = unsaid;
      unsaid = 0;
    }
    say.accept(
        "slow request: %s %s by %s answered %d after %d ms: %s%s"
            .formatted(
                info.verb(),
                exchange.request().path(),
                exchange.request().header("User-Agent"),
                exchange.status(),
                took / NANOS_A_MILLI,
                trace.parts(),
                before == 0 ? "" : "; " + before + " slow ones before it are not told of"));
  }

  private boolean due() {
    long now = time.nanos();
    if (now - second >= SECOND) {
      second = now;
      lines = 0;
    }
    return lines++ < LINES_A_SECOND;
  }
}
