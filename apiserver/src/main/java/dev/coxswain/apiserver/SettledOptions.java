package dev.coxswain.apiserver;

import dev.coxswain.runtime.program.Settled;
import picocli.CommandLine.Option;

/** Flags of kube-apiserver for what is always one way here. */
final class SettledOptions {
  @Option(
      names = "--service-account-lookup",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.True.class,
      description = "Whether a token dies with its account, pod or secret. Always true.")
  void lookup(String settled) {}

  @Option(
      names = "--allow-privileged",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.True.class,
      description =
          "Whether privileged containers are let in at all; PodSecurity says where. Always true.")
  void privileged(String settled) {}
}
