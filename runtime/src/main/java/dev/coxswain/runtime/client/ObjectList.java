package dev.coxswain.runtime.client;

import java.util.List;

/**
 * A consistent list.
 *
 * @param resourceVersion the version from which a watch goes on without a gap
 * @param items the objects
 */
public record ObjectList<T>(String resourceVersion, List<T> items) {
  public ObjectList {
    items = List.copyOf(items);
  }
}
