/** The extension points, under upstream's names, and what runs through them. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.scheduler.framework;
