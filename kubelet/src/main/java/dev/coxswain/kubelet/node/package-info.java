/** The node itself: where things lie on its disk, its registration, its heartbeat and its state. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.node;
