/** What the scheduler's decisions cost. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.bench.scheduler;
