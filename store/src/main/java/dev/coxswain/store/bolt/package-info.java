/**
 * Files in the format of bbolt, etcd's storage engine: written whole, front to back, and read back.
 * What etcd's tools take for a snapshot is such a file.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.bolt;
