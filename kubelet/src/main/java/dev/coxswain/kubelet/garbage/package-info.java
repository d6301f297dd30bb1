/** Clears away images and containers that nobody needs any more. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.garbage;
