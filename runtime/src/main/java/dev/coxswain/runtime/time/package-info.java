/**
 * The clock and randomness ports: the only package where the machine's own clock and entropy are
 * read.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.time;
