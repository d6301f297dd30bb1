/** Health, version and metrics endpoints. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.health;
