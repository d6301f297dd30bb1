package dev.coxswain.apiserver.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an optimistic write ended. */
public sealed interface WriteOutcome {
  /**
   * It was stored.
   *
   * @param revision the new revision
   */
  record Done(long revision) implements WriteOutcome {}

  /**
   * Keys were not in the state that the changes expected; nothing was changed.
   *
   * @param found what is there, for each change in turn; null where the key does not exist
   */
  record Conflict(List<@Nullable StoredValue> found) implements WriteOutcome {

    /** What is there under the first change's key: the object's. */
    public @Nullable StoredValue current() {
      return found.getFirst();
    }

    /** Whether it is the change with this number that could not be made. */
    public boolean at(int number, StoreWrite write) {
      StoredValue value = found.get(number);
      return write.expected() != StoreWrite.ANY
          && write.expected() != (value == null ? StoreWrite.ABSENT : value.revision());
    }
  }
}
