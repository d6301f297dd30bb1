/** Pods that nobody else will remove. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.podgc;
