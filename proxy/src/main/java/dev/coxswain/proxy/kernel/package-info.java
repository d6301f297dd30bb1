/** The one door to the machine: commands with a deadline, so that everything else is text. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.kernel;
