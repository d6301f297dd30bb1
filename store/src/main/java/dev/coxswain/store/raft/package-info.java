/** Replication on Ratis: batching, log, snapshots, peers. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.raft;
