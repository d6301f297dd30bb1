package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final int most;

  /**
   * How many bytes have been handed to the event loop and not left yet. A stream of HTTP/2 counts
   * them only once its loop gets to them, by when a whole answer might be waiting there.
   */
  private final AtomicInteger unsent = new AtomicInteger();

  private @Nullable ByteBuf buffer;
  private boolean complete;

  PieceStream(Channel channel, StreamGate gate, int size) {
    this.channel = channel;
    this.gate = gate;
    this.size = size;
    // While one piece is on its way, the next can be filled.
    this.most = Math.max(2 * size, channel.config().getWriteBufferHighWaterMark());
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
        unsent.addAndGet(size);
        channel.writeAndFlush(new DefaultHttpContent(filling)).addListener(sent -> left());
      }
    }
  }

  /** On the event loop: a piece has left, or never will. */
  private void left() {
    // Whoever fills them is woken for several, not for each.
    if (unsent.addAndGet(-size) <= most / 2) {
      gate.changed();
    }
  }

  /** The piece that is being filled; a new one only once the client has room for it. */
  private ByteBuf filling() throws InterruptedIOException {
    ByteBuf known = buffer;
    if (known == null) {
      try {
        gate.await(() -> unsent.get() < most && channel.isWritable());
      } catch (InterruptedException e) {
        throw new InterruptedIOException("interrupted while an answer was sent");
      }
      // Of the heap: what the allocator lends to thousands who wait comes from whole chunks each,
      // and once memory outside of the heap is used up, the event loops stand still, too.
      known = Unpooled.buffer(size, size);
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
