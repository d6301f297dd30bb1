package dev.coxswain.store.watch;

import dev.coxswain.proto.etcd.WatchResponse;

/** Where one client's stream of watch responses goes. Called by the hub's thread only. */
public interface WatchSink {
  /** Whether the transport takes more now; while it does not, the stream's watches simply lag. */
  boolean ready();

  /** Hands a response to the transport. Does not block. */
  void send(WatchResponse response);
}
