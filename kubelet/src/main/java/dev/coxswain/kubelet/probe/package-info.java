/** Startup, liveness and readiness probes. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.probe;
