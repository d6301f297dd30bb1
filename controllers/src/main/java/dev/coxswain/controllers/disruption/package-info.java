/** PodDisruptionBudget: how many of its pods may be disturbed now. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.disruption;
