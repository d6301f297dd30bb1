package dev.coxswain.kubelet.streaming;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;

/**
 * How the runtime's streaming server is asked to upgrade a connection.
 *
 * @param headers those of the upgrade; host and length are added to them
 */
record UpgradeRequest(HttpMethod method, HttpHeaders headers) {
  private static final List<CharSequence> HANDSHAKE =
      List.of(
          HttpHeaderNames.SEC_WEBSOCKET_KEY,
          HttpHeaderNames.SEC_WEBSOCKET_VERSION,
          HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);

  /** To SPDY/3.1 with one of these stream protocols. */
  static UpgradeRequest spdy(List<String> protocols) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers
        .set(HttpHeaderNames.CONNECTION, "Upgrade")
        .set(HttpHeaderNames.UPGRADE, "SPDY/3.1")
        .add("X-Stream-Protocol-Version", protocols);
    return new UpgradeRequest(HttpMethod.POST, headers);
  }

  /** To the WebSocket that a client asks for: with its key the answer is one for the client. */
  static UpgradeRequest webSocket(HttpHeaders client) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONNECTION, "Upgrade").set(HttpHeaderNames.UPGRADE, "websocket");
    HANDSHAKE.forEach(name -> headers.add(name, client.getAll(name)));
    return new UpgradeRequest(HttpMethod.GET, headers);
  }
}
