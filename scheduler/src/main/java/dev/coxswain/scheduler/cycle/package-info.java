/** One pod's turn: from pod and cluster to a node, or to why there is none. No threads, no IO. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.cycle;
