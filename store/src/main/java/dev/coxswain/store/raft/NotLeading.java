package dev.coxswain.store.raft;

import java.io.Serial;

/** This member did not take a request because another one leads: ask there, nothing happened. */
final class NotLeading extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  NotLeading() {
    super("another member leads", null, false, false);
  }
}
