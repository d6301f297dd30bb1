package dev.coxswain.apiserver.flow;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** One request's place, first in a queue and then at work. Belongs to {@link FairQueues}. */
final class Ticket {
  /** Where the request is. */
  enum State {
    WAITING,
    RUNNING,
    REFUSED,
    OVER
  }

  final long flow;
  final int width;
  final long arrived;

  /** Opened when the request stops waiting. */
  final CountDownLatch decided = new CountDownLatch(1);

  Level level;
  @Nullable Line line;
  State state = State.WAITING;
  long started;

  /**
   * A request.
   *
   * @param flow what it shares with the requests that it is to take turns with
   * @param width how many seats it takes
   * @param arrived when it came, in nanoseconds
   */
  Ticket(Level level, long flow, int width, long arrived) {
    this.level = level;
    this.flow = flow;
    this.width = width;
    this.arrived = arrived;
  }
}
