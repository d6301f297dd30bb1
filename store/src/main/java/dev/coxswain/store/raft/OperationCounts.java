package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.ResponseOp;
import dev.coxswain.proto.etcd.TxnResponse;
import java.util.concurrent.atomic.LongAdder;

/**
 * What this member has carried out since it was started, the log that it read again included. What
 * a transaction did counts one by one, each key that ended with its lease as one deletion; what a
 * transaction compares does not count.
 */
public final class OperationCounts {
  private final LongAdder ranges = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder deletions = new LongAdder();
  private final LongAdder transactions = new LongAdder();
  private final LongAdder leasesGranted = new LongAdder();
  private final LongAdder leasesRevoked = new LongAdder();
  private final LongAdder leasesRenewed = new LongAdder();

  void range() {
    ranges.increment();
  }

  void put() {
    puts.increment();
  }

  void deletion() {
    deletions.increment();
  }

  /** A transaction was carried out; it is one, for etcd, when it did more than one thing. */
  void transaction(TxnResponse done) {
    if (parts(done) > 1) {
      transactions.increment();
    }
  }

  private int parts(TxnResponse done) {
    int parts = 0;
    for (ResponseOp part : done.getResponsesList()) {
      switch (part.getResponseCase()) {
        case RESPONSE_RANGE -> {
          range();
          parts++;
        }
        case RESPONSE_PUT -> {
          put();
          parts++;
        }
        case RESPONSE_DELETE_RANGE -> {
          deletion();
          parts++;
        }
        case RESPONSE_TXN -> parts += parts(part.getResponseTxn());
        case RESPONSE_NOT_SET -> {
          // The answer to an empty operation.
        }
      }
    }
    return parts;
  }

  void leaseGranted() {
    leasesGranted.increment();
  }

  /** A lease ended, and so many keys with it. */
  void leaseRevoked(int keys) {
    leasesRevoked.increment();
    deletions.add(keys);
  }

  void leaseRenewed() {
    leasesRenewed.increment();
  }

  /** Ranges that were read here. */
  public long ranges() {
    return ranges.sum();
  }

  /** Keys that were put. */
  public long puts() {
    return puts.sum();
  }

  /** Deletions, each of a key or of a range. */
  public long deletions() {
    return deletions.sum();
  }

  /** Transactions that did more than one thing. */
  public long transactions() {
    return transactions.sum();
  }

  /** Leases that were granted. */
  public long leasesGranted() {
    return leasesGranted.sum();
  }

  /** Leases that were revoked, or whose time was over. */
  public long leasesRevoked() {
    return leasesRevoked.sum();
  }

  /** How often this member, as the leader, renewed a lease. */
  public long leasesRenewed() {
    return leasesRenewed.sum();
  }
}
