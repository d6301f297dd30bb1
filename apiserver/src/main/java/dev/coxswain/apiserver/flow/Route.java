package dev.coxswain.apiserver.flow;

/**
 * A schema with its level, and what goes on there.
 *
 * @param level the level that it names
 */
record Route(FlowSchema schema, PriorityLevel level, Counts counts) {

  /** How many requests of the schema there are now. Belongs to who holds the lock. */
  static final class Counts {
    int waiting;
    int running;
  }
}
