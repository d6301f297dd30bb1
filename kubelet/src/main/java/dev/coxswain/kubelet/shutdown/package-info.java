/** An orderly end of the node's pods before the node goes down. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.shutdown;
