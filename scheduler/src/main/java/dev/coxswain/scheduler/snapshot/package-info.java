/**
 * The cluster as the scheduling thread sees it: nodes with their pods and sums, kept up to date
 * change by change. It has one owner and no locks; what others learn reaches it as messages.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.snapshot;
