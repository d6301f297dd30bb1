/** Backups: the state in the form that etcd's own tools take for a snapshot, and back. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.backup;
