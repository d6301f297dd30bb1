/** Tokens by which machines join: when they end, and what they sign. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.bootstrap;
