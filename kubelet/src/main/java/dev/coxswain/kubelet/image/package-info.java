/** Images: pull policies, credentials, back-off. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.image;
