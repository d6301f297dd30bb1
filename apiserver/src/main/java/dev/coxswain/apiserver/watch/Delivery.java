package dev.coxswain.apiserver.watch;

/**
 * One event as one watcher sees it.
 *
 * @param type the type
 * @param object the object
 */
public record Delivery(EventType type, CachedObject object) {}
