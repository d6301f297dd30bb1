package dev.coxswain.kubelet.admission;

/**
 * Why a pod is refused, in upstream's words.
 *
 * @param reason the status' reason, such as {@code OutOfcpu}
 * @param message without the words that introduce it in the status
 */
public record Refusal(String reason, String message) {}
