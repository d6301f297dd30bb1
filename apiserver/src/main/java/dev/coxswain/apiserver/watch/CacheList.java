package dev.coxswain.apiserver.watch;

import java.util.List;

/**
 * A consistent list.
 *
 * @param revision as of when; a watch from here goes on without a gap
 * @param objects in the order of their keys
 */
public record CacheList(long revision, List<CachedObject> objects) {}
