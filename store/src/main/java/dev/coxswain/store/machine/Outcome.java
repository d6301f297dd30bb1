package dev.coxswain.store.machine;

import com.google.protobuf.Message;
import dev.coxswain.store.error.StoreError;

/** What an operation came to, the same on every member. */
public sealed interface Outcome {
  /** It was done; the response carries the revision in its header and nothing else there. */
  record Done(Message response) implements Outcome {}

  /** It was refused and changed nothing. */
  record Refused(StoreError error) implements Outcome {}
}
