package dev.coxswain.store.etcd;

import io.grpc.netty.NettyServerBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What clients may ask for, and how the server and its clients look whether the other still stands.
 *
 * @param txnOperations comparisons, and operations of each branch, that a transaction may have
 * @param requestBytes larger requests are refused
 * @param clientPings clients that ping more often than this are hung up on
 * @param pingAfter a connection that is silent for so long, ten seconds or more, is pinged; zero
 *     for never
 * @param pingPatience and closed when so long there is no answer; zero for never
 * @param streams calls that one connection may have under way, the others wait at the client; zero
 *     for any number
 */
public record ClientLimits(
    int txnOperations,
    int requestBytes,
    Duration clientPings,
    Duration pingAfter,
    Duration pingPatience,
    long streams) {
  /** An entry of the log takes a request of this size, and not much more. */
  public static final int MOST_REQUEST_BYTES = 1536 * 1024;

  /** Over a request's own limit, so that etcd's error is what clients get, not the transport's. */
  private static final int OVERHEAD_BYTES = 512 * 1024;

  /** Checks them. */
  public ClientLimits {
    if (txnOperations < 0) {
      throw new IllegalArgumentException("--max-txn-ops: " + txnOperations + " is less than none");
    }
    if (streams < 0) {
      throw new IllegalArgumentException(
          "--max-concurrent-streams: " + streams + " is less than none");
    }
    if (requestBytes < 1 || requestBytes > MOST_REQUEST_BYTES) {
      throw new IllegalArgumentException(
          "--max-request-bytes: %d is not between 1 and %d, which an entry of the log takes"
              .formatted(requestBytes, MOST_REQUEST_BYTES));
    }
  }

  RequestChecks checks() {
    return new RequestChecks(txnOperations, requestBytes);
  }

  /** The largest request of HTTP: its bytes in Base64, and what stands around them. */
  int bodyBytes() {
    return 2 * requestBytes + OVERHEAD_BYTES;
  }

  void set(NettyServerBuilder server) {
    server
        .maxInboundMessageSize(requestBytes + OVERHEAD_BYTES)
        .maxConcurrentCallsPerConnection(
            streams == 0 ? Integer.MAX_VALUE : (int) Math.min(streams, Integer.MAX_VALUE))
        .permitKeepAliveTime(clientPings.toNanos(), TimeUnit.NANOSECONDS)
        .permitKeepAliveWithoutCalls(true);
    if (pingAfter.isPositive() && pingPatience.isPositive()) {
      server
          .keepAliveTime(pingAfter.toNanos(), TimeUnit.NANOSECONDS)
          .keepAliveTimeout(pingPatience.toNanos(), TimeUnit.NANOSECONDS);
    } else {
      server.keepAliveTime(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
  }
}
