package dev.coxswain.apiserver.verbs;

import dev.coxswain.apiserver.watch.CachedObject;
import java.util.List;

/**
 * A kind that is not stored and has few objects: all of them are made whenever one is asked for.
 */
@FunctionalInterface
public interface MadeKind {

  /** All its objects, without resourceVersions, in the order of their names. */
  List<CachedObject> make() throws InterruptedException;
}
