/** Whose turn it is: pods to try now, pods that back off, pods that wait for a change. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.queue;
