package dev.coxswain.apiserver.http;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** In which subprotocols of WebSocket a stream of bytes, such as a log, can be had. */
public enum ByteProtocol {
  /** The bytes as they are. */
  BINARY("binary.k8s.io", Framing.BINARY),
  /** The bytes as text. */
  BASE64("base64.binary.k8s.io", Framing.BASE64);

  private final String text;
  private final Framing framing;

  ByteProtocol(String text, Framing framing) {
    this.text = text;
    this.framing = framing;
  }

  /** The first that a request offers and that there is; who offers none takes bytes. */
  public static Optional<ByteProtocol> of(HttpRequest request) {
    List<String> offered = SocketPeer.offered(request);
    return offered.isEmpty()
        ? Optional.of(BINARY)
        : offered.stream()
            .flatMap(name -> Stream.of(values()).filter(one -> one.text.equals(name)))
            .findFirst();
  }

  String text() {
    return text;
  }

  Framing framing() {
    return framing;
  }

  boolean offered(HttpRequest request) {
    return SocketPeer.offered(request).contains(text);
  }
}
