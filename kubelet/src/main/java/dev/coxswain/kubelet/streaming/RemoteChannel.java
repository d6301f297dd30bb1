package dev.coxswain.kubelet.streaming;

import java.util.Optional;

/**
 * One channel of a remote command: the first byte of a message in the {@code channel.k8s.io}
 * WebSocket protocols, and the {@code streamtype} header of a stream in SPDY.
 */
enum RemoteChannel {
  STDIN(0, "stdin"),
  STDOUT(1, "stdout"),
  STDERR(2, "stderr"),
  ERROR(3, "error"),
  RESIZE(4, "resize");

  /** The channel byte of a v5 message that closes the channel named by the next byte. */
  static final int CLOSE = 255;

  private final int number;
  private final String streamType;

  RemoteChannel(int number, String streamType) {
    this.number = number;
    this.streamType = streamType;
  }

  int number() {
    return number;
  }

  String streamType() {
    return streamType;
  }

  static Optional<RemoteChannel> of(int number) {
    return number >= 0 && number < values().length
        ? Optional.of(values()[number])
        : Optional.empty();
  }
}
