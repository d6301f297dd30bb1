/** The kubelet's own certificates: asked for by request, and renewed before they expire. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.certificate;
