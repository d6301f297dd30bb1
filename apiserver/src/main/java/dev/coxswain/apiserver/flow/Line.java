package dev.coxswain.apiserver.flow;

import java.util.LinkedHashSet;

/** One queue of a level: the requests of some flows, the oldest first. */
final class Line {
  /** Where many leave at once, none may look for its place among the others. */
  final LinkedHashSet<Ticket> waiting = new LinkedHashSet<>();

  /** How many seats its requests have had so far, times nanoseconds: who had less comes first. */
  double served;

  /** How many seats its requests have now. */
  int running;

  /** How many seats its requests wait for. */
  int wanted;
}
