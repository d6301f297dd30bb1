/** Runs in the build alone: what the server says of the build that it is. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.health.generator;
