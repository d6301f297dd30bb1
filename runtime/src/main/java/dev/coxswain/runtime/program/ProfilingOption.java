package dev.coxswain.runtime.program;

import picocli.CommandLine.Option;

/** {@code --profiling}, which hardening guides want switched off. */
public final class ProfilingOption {
  /** Nothing here serves profiles; {@code jcmd} makes them, on the machine itself. */
  @Option(
      names = "--profiling",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.False.class,
      description = "Whether profiles are served over the network. Always false.")
  void profiling(String settled) {}
}
