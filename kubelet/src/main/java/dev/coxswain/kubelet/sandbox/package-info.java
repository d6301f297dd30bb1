/** Pod sandboxes as CRI wants them described. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.sandbox;
