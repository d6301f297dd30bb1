package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.io.InterruptedIOException;
import java.io.OutputStream;

/**
 * A body that is sent in buffers of moderate size, never more than the client takes in. Where it is
 * closed before it is complete, the client is cut off.
 */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class PieceStream extends OutputStream {
  private final Channel channel;
  private final StreamGate gate;
  private final int size;
  private ByteBuf buffer;
  private boolean complete;

  PieceStream(Channel channel, StreamGate gate, int size) {
    this.channel = channel;
    this.gate = gate;
    this.size = size;
    this.buffer = channel.alloc().buffer(size);
  }

  @Override
  public void write(int value) throws InterruptedIOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  /**
   * {@inheritDoc}
   *
   * @throws ClientGoneException when the client went away
   */
  @Override
  public void write(byte[] piece, int offset, int length) throws InterruptedIOException {
    int from = offset;
    int end = offset + length;
    while (from < end) {
      int part = Math.min(end - from, size - buffer.readableBytes());
      buffer.writeBytes(piece, from, part);
      from += part;
      if (buffer.readableBytes() == size) {
        send();
      }
    }
  }

  private void send() throws InterruptedIOException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted while an answer was sent");
    }
    channel.writeAndFlush(new DefaultHttpContent(buffer));
    buffer = channel.alloc().buffer(size);
  }

  /** Sends what is left: the body is whole. */
  void complete() {
    complete = true;
    channel.write(new DefaultHttpContent(buffer));
  }

  @Override
  public void close() {
    if (!complete) {
      buffer.release();
      channel.close();
    }
  }
}
