/** Containers as CRI wants them described, and the hooks around their lives. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.container;
