package dev.coxswain.store.history;

/**
 * One call of one client. Times are readings of one monotonic clock, in nanoseconds; a call without
 * a known outcome may still take effect long after {@code answered}.
 */
public record Call(int client, long asked, long answered, Request request, Answer answer) {}
