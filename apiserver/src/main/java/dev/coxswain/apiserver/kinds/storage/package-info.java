/** Volumes, claims and the kinds of storage. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.storage;
