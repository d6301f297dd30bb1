/** Horizontal pod autoscaling: as many replicas as the measured load asks for. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.podautoscaler;
