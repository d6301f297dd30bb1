/** A container's environment: its own variables, those of its sources, and those of services. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.env;
