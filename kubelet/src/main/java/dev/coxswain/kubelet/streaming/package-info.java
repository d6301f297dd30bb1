/**
 * Exec, attach and port-forward: carries a client's WebSocket or SPDY connection to the container
 * runtime's streaming server, which speaks SPDY/3.1 alone.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.streaming;
