package dev.coxswain.store.raft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Requests or answers on a {@link PeerLink}, as many to a message as there are: what a message
 * costs its transport, on both sides, is many times what a frame in it does. A frame is its
 * request's number (eight bytes), its length (four), and its body.
 */
final class PeerFrames {
  /** A message is closed before it exceeds this; a larger frame has one of its own. */
  private static final int MESSAGE_BYTES = 1 << 20;

  private static final int HEAD = Long.BYTES + Integer.BYTES;

  private final Queue<Frame> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final Consumer<Runnable> soon;
  private final Consumer<byte[]> transport;

  /** One request, or the answer to it. */
  static final class Frame {
    private final long number;
    private final byte[] body;

    Frame(long number, byte[] body) {
      this.number = number;
      this.body = body;
    }

    long number() {
      return number;
    }

    byte[] body() {
      return body;
    }

    private int bytes() {
      return HEAD + body.length;
    }
  }

  /**
   * Frames towards a transport.
   *
   * @param soon runs a task once what comes together has come
   * @param transport takes messages, one at a time
   */
  PeerFrames(Consumer<Runnable> soon, Consumer<byte[]> transport) {
    this.soon = soon;
    this.transport = transport;
  }

  /** Sends a frame, with those that come with it. */
  void send(long number, byte[] body) {
    waiting.add(new Frame(number, body));
    if (leaving.compareAndSet(false, true)) {
      soon.accept(this::leave);
    }
  }

  private synchronized void leave() {
    leaving.set(false);
    List<Frame> together = new ArrayList<>();
    int bytes = 0;
    for (Frame next = waiting.poll(); next != null; next = waiting.poll()) {
      if (!together.isEmpty() && bytes + next.bytes() > MESSAGE_BYTES) {
        transport.accept(message(together));
        together.clear();
        bytes = 0;
      }
      together.add(next);
      bytes += next.bytes();
    }
    if (!together.isEmpty()) {
      transport.accept(message(together));
    }
  }

  /** Frames as one message. */
  static byte[] message(List<Frame> frames) {
    ByteBuffer message = ByteBuffer.allocate(frames.stream().mapToInt(Frame::bytes).sum());
    for (Frame frame : frames) {
      message.putLong(frame.number()).putInt(frame.body().length).put(frame.body());
    }
    return message.array();
  }

  /** The frames of a message; fails when it is none. */
  static List<Frame> read(byte[] message) {
    List<Frame> frames = new ArrayList<>();
    ByteBuffer left = ByteBuffer.wrap(message);
    while (left.hasRemaining()) {
      if (left.remaining() < HEAD) {
        throw new IllegalArgumentException("a peer's message ends within a frame's head");
      }
      long number = left.getLong();
      int length = left.getInt();
      if (length < 0 || length > left.remaining()) {
        throw new IllegalArgumentException(
            "a peer's frame of " + length + " bytes, where " + left.remaining() + " are left");
      }
      byte[] body = new byte[length];
      left.get(body);
      frames.add(new Frame(number, body));
    }
    return frames;
  }
}
