package dev.coxswain.store;

import dev.coxswain.runtime.program.Settled;
import picocli.CommandLine.Option;

/** Flags of etcd for what is always one way here. */
final class SettledOptions {
  @Option(
      names = "--client-cert-auth",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.True.class,
      description = "Whether clients over https must show a certificate. Always true.")
  void clients(String settled) {}

  @Option(
      names = "--peer-client-cert-auth",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.True.class,
      description = "Whether peers over https must show a certificate. Always true.")
  void peers(String settled) {}

  @Option(
      names = {"--auto-tls", "--peer-auto-tls"},
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.False.class,
      description = "Whether certificates are made up at the start. Always false.")
  void selfSigned(String settled) {}
}
