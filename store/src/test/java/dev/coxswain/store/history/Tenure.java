package dev.coxswain.store.history;

import java.util.List;

/**
 * What a client knows of its lease.
 *
 * @param nanos its time to live
 * @param confirmed when each grant and renewal was asked for that the store has confirmed
 * @param revoked whether the client has asked to end it
 */
public record Tenure(long lease, long nanos, List<Long> confirmed, boolean revoked) {}
