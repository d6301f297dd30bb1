package dev.coxswain.apiserver.watch;

/**
 * A form in which objects are served: another version, a table row, the metadata alone. Equal ones
 * (by {@code equals}) render the same bytes, so that what one watcher made serves the next.
 */
public interface Representation {
  /** As it is stored. */
  Representation STORED = CachedObject::json;

  /** The object in this form. */
  byte[] render(CachedObject object);
}
