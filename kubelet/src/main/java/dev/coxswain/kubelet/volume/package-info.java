/** Volumes: what is laid into containers, kept current, and taken away again. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.volume;
