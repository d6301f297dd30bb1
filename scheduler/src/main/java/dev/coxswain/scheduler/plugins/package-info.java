/** The scheduler's own judgement: one class a plugin, with upstream's names, weights and words. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.plugins;
