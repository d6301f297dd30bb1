package dev.coxswain.store.gateway;

/** A call that a connection carries. Told of on the connection's event loop. */
public interface GatewayCall {
  /** The client has gone. */
  void hungUp();

  /** The connection takes more. */
  void writable();
}
