package dev.coxswain.apiserver.flow;

import java.util.ArrayDeque;
import java.util.Queue;

/** One queue of a level: the requests of some flows, the oldest first. */
final class Line {
  final Queue<Ticket> waiting = new ArrayDeque<>();

  /** How many seats its requests have had so far, times nanoseconds: who had less comes first. */
  double served;

  /** How many seats its requests have now. */
  int running;

  /** How many seats its requests wait for. */
  int wanted;
}
