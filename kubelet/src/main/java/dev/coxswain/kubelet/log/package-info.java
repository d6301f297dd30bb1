/** Container logs in CRI's format: read, followed, rotated. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.log;
