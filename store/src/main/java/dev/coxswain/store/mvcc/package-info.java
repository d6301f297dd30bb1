/** The versioned keyspace: every key with its history by revision. Pure, no threads of its own. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.mvcc;
