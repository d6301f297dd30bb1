/** The state as a file: what members send each other, and what backups hold. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.snapshot;
