package dev.coxswain.apiserver.watch;

import org.jspecify.annotations.Nullable;

/**
 * One event as one watcher sees it.
 *
 * @param type the type
 * @param object the object
 * @param previous the object before, if the watcher has seen it or could have; else null
 */
public record Delivery(EventType type, CachedObject object, @Nullable CachedObject previous) {}
