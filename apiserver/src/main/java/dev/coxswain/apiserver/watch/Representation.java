package dev.coxswain.apiserver.watch;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A form in which objects are served: another version, a table row, the metadata alone. Equal ones
 * (by {@code equals}) render the same bytes, so that what one watcher made serves the next.
 */
public interface Representation {
  /** As it is stored. */
  Representation STORED = CachedObject::json;

  /** The object in this form. */
  byte[] render(CachedObject object);

  /** Many objects in this form, in their order. */
  default List<byte[]> all(List<CachedObject> objects) {
    return objects.stream().map(object -> object.as(this)).toList();
  }

  /**
   * The object of a bookmark in this form: who asked for another kind than the objects' own cannot
   * decode theirs.
   *
   * @param bookmark the kind and the metadata, which is all that a bookmark says
   */
  default ObjectNode bookmark(ObjectNode bookmark) {
    return bookmark;
  }

  /** Whether another server is asked to render, so that it must not be done on event loops. */
  default boolean asks() {
    return false;
  }
}
