package dev.coxswain.kubelet.pod;

import java.time.Instant;
import java.util.List;

/**
 * A sandbox as the runtime shows it.
 *
 * @param attempt 0 for a pod's first sandbox
 * @param ready whether its pause process runs
 * @param addresses the pod's addresses, the main one first; empty for the host's network
 */
public record SandboxView(
    String id, int attempt, boolean ready, Instant createdAt, List<String> addresses) {
  public SandboxView {
    addresses = List.copyOf(addresses);
  }
}
