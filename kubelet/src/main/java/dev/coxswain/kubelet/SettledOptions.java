package dev.coxswain.kubelet;

import dev.coxswain.runtime.program.Settled;
import picocli.CommandLine.Option;

/** Flags of upstream's kubelet for what is always one way here. */
final class SettledOptions {
  @Option(
      names = "--anonymous-auth",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.False.class,
      description = "Whether anybody may ask the kubelet's API. Always false.")
  void anonymous(String settled) {}

  @Option(
      names = "--authentication-token-webhook",
      arity = "0..1",
      paramLabel = "BOOL",
      fallbackValue = "true",
      converter = Settled.True.class,
      description = "Whether tokens are judged by the API server. Always true.")
  void tokens(String settled) {}

  @Option(
      names = "--authorization-mode",
      paramLabel = "MODE",
      converter = Settled.Webhook.class,
      description = "Who says what callers may do. Always Webhook: the API server.")
  void authorization(String settled) {}

  @Option(
      names = "--read-only-port",
      paramLabel = "PORT",
      converter = Settled.NoPort.class,
      description = "A port without authentication. Always 0: there is none.")
  void readOnlyPort(String settled) {}
}
