/** What makes a main a well-behaved program: flags, logging, health, metrics, orderly shutdown. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.program;
