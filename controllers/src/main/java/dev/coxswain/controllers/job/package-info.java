/** Job: pods that are to end well, so many times. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.job;
