/** Watches: event streams over the keyspace's revision log. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.watch;
