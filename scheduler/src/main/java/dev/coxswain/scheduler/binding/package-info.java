/** What the scheduler does to the cluster: bindings, evictions, conditions, events. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.binding;
