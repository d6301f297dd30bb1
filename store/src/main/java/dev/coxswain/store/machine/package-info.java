/** The replicated state machine: operations in, responses out, the same on every member. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.machine;
