/** Persistent volumes: which claim has which, and what becomes of them. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.volume;
