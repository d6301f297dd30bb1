package dev.coxswain.kubelet.usage;

/**
 * How full the volume behind a pod's claim is.
 *
 * @param volume the volume's name in the pod
 * @param claim in the pod's namespace
 */
public record ClaimUse(String volume, String claim, VolumeFigures figures) {}
