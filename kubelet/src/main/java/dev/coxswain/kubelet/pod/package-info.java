/**
 * The pod as a state machine: what the runtime shows and what the specification asks for in,
 * actions and status out; and the worker that carries the actions out.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.pod;
