/**
 * Recorded histories of clients and what must be true of them: every answer fits one order of
 * revisions that respects real time, watches tell all of it in order, leases last their time.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.history;
