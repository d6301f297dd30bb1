/** Pods and nodes as the scheduler sees them: compact values, made once at the edge. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.model;
