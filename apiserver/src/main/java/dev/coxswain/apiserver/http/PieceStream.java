package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

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
  private @Nullable ByteBuf buffer;
  private boolean complete;

  PieceStream(Channel channel, StreamGate gate, int size) {
    this.channel = channel;
    this.gate = gate;
    this.size = size;
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
      ByteBuf filling = filling();
      int part = Math.min(end - from, size - filling.readableBytes());
      filling.writeBytes(piece, from, part);
      from += part;
      if (filling.readableBytes() == size) {
        buffer = null;
        channel.writeAndFlush(new DefaultHttpContent(filling));
      }
    }
  }

  /** The piece that is being filled; a new one only once the client has room for it. */
  private ByteBuf filling() throws InterruptedIOException {
    ByteBuf known = buffer;
    if (known == null) {
      try {
        gate.await(channel::isWritable);
      } catch (InterruptedException e) {
        throw new InterruptedIOException("interrupted while an answer was sent");
      }
      known = channel.alloc().buffer(size);
      buffer = known;
    }
    return known;
  }

  /** Sends what is left: the body is whole. */
  void complete() {
    complete = true;
    ByteBuf rest = buffer;
    if (rest != null) {
      channel.write(new DefaultHttpContent(rest));
    }
  }

  @Override
  public void close() {
    if (!complete) {
      if (buffer != null) {
        buffer.release();
      }
      channel.close();
    }
  }
}
