package dev.coxswain.apiserver.storage;

import java.util.List;

/**
 * A part of a range of keys, in key order.
 *
 * @param values the values
 * @param revision the revision at which they were read
 * @param more whether keys of the range are left after the last one
 * @param count how many keys the whole range has
 */
public record StorePage(List<StoredValue> values, long revision, boolean more, long count) {
  public StorePage {
    values = List.copyOf(values);
  }
}
