/** The container runtime: the calls the kubelet makes over CRI, and the hints of what changed. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.cri;
