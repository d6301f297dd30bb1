package dev.coxswain.store;

import dev.coxswain.runtime.program.Durations;
import dev.coxswain.store.etcd.ClientLimits;
import picocli.CommandLine.Option;

/** etcd's flags for what clients may ask for. */
final class ClientLimitOptions {
  @Option(
      names = "--max-txn-ops",
      defaultValue = "128",
      description = "Most operations in a transaction. Default: ${DEFAULT-VALUE}.")
  private int txnOperations;

  @Option(
      names = "--max-request-bytes",
      defaultValue = "" + ClientLimits.MOST_REQUEST_BYTES,
      description = "Largest request of a client; at most the default, ${DEFAULT-VALUE}.")
  private int requestBytes;

  @Option(
      names = "--grpc-keepalive-min-time",
      defaultValue = "5s",
      description = "Least time between a client's pings. Default: ${DEFAULT-VALUE}.")
  private String clientPings = "5s";

  @Option(
      names = "--grpc-keepalive-interval",
      defaultValue = "2h",
      description =
          "Silence after which a client is pinged, 10s or more; 0 turns it off."
              + " Default: ${DEFAULT-VALUE}.")
  private String pingAfter = "2h";

  @Option(
      names = "--grpc-keepalive-timeout",
      defaultValue = "20s",
      description =
          "Wait for its answer before the connection is closed; 0 turns pings off."
              + " Default: ${DEFAULT-VALUE}.")
  private String pingPatience = "20s";

  @Option(
      names = "--max-concurrent-streams",
      defaultValue = "4294967295",
      description = "Most calls under way on a client's connection. Default: ${DEFAULT-VALUE}.")
  private long streams;

  ClientLimits limits() {
    return new ClientLimits(
        txnOperations,
        requestBytes,
        Durations.parse("--grpc-keepalive-min-time", clientPings),
        Durations.parse("--grpc-keepalive-interval", pingAfter),
        Durations.parse("--grpc-keepalive-timeout", pingPatience),
        streams);
  }
}
