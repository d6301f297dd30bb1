/** Leases: the replicated table of who holds which keys, and the leader's own clock for them. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.lease;
