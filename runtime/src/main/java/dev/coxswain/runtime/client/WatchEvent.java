package dev.coxswain.runtime.client;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** One event of a watch. */
public sealed interface WatchEvent<T extends HasMetadata> {
  /** An object came into the selection. */
  record Added<T extends HasMetadata>(T object) implements WatchEvent<T> {}

  /** An object of the selection changed. */
  record Modified<T extends HasMetadata>(T object) implements WatchEvent<T> {}

  /** An object left the selection or was deleted; this is its last state. */
  record Deleted<T extends HasMetadata>(T object) implements WatchEvent<T> {}

  /** Nothing changed up to this version. */
  record Bookmark<T extends HasMetadata>(String resourceVersion) implements WatchEvent<T> {}
}
