package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;

/**
 * A body that is in memory already and leaves from where it is: the event loop takes as much of it
 * as the client takes in. Were it handed over by the thread that answers, the two would wake each
 * other for every buffer, which costs as much as encrypting it.
 */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class BodyPump {
  /** In buffers of this size, in bytes; of larger ones where a client may be further behind. */
  private static final int SMALLEST = 2 * HttpServer.RECORD;

  private static final int LARGEST = 4 * HttpServer.RECORD;

  /** After so many buffers others on the event loop have their turn. */
  private static final int AT_ONCE = 4;

  /** From this length on a piece is sent from where it is, and not from a copy. */
  private static final int WORTH_SHARING = 1 << 10;

  /** How much is copied at most before the copies are taken together. */
  private static final int COPIES = 16 << 10;

  private final Channel channel;
  private final StreamGate gate;
  private final Turns turns;
  private final int size;
  private final int most;
  private final Iterator<byte[]> pieces;
  private final CountDownLatch ended = new CountDownLatch(1);
  private byte[] piece = new byte[0];
  private int from;

  // Of the heap: what the allocator lends to thousands who wait comes from whole chunks each, and
  // once memory outside of the heap is used up, the event loops stand still, too.
  private byte[] copies = new byte[0];
  private int copied;

  /** How many bytes have been written and not left yet; not every channel counts them at once. */
  private int unsent;

  private boolean running;
  private boolean inTurn;
  private volatile boolean complete;

  BodyPump(Channel channel, StreamGate gate, Turns turns, Iterable<byte[]> body) {
    this.channel = channel;
    this.gate = gate;
    this.turns = turns;
    int mark = channel.config().getWriteBufferHighWaterMark();
    this.size = mark / 4 < LARGEST ? SMALLEST : LARGEST;
    // While one buffer is on its way, the next is encrypted.
    this.most = Math.max(2 * size, mark);
    this.pieces = body.iterator();
  }

  /**
   * Blocks until all of it has been written, behind what was written before.
   *
   * @throws ClientGoneException when the client went away
   */
  void send() throws InterruptedException {
    gate.onWritable(this::goOn);
    gate.onClosed(ended::countDown);
    if (channel.eventLoop().inEventLoop()) {
      goOn();
    } else {
      channel.eventLoop().execute(this::goOn);
    }
    // Not at the gate, where every change of what the client takes in would wake it.
    ended.await();
    if (!complete) {
      throw new ClientGoneException();
    }
  }

  /** On the event loop, as all that follows: writes, unless that goes on by itself. */
  private void goOn() {
    if (running || inTurn || complete) {
      return;
    }
    running = true;
    try {
      run();
    } catch (RuntimeException e) {
      channel.close();
      throw e;
    } finally {
      running = false;
    }
  }

  private void run() {
    for (int written = 0; written < AT_ONCE; written++) {
      if (!channel.isActive() || !channel.isWritable() || unsent >= most) {
        return;
      }
      ByteBuf next = next();
      int length = next.readableBytes();
      if (length == 0) {
        complete = true;
        ended.countDown();
        return;
      }
      unsent += length;
      channel
          .writeAndFlush(new DefaultHttpContent(next))
          .addListener(sent -> {
            unsent -= length;
            goOn();
          });
    }
    inTurn = true;
    turns.add(() -> {
      inTurn = false;
      goOn();
    });
  }

  /** The next buffer; an empty one at the end. */
  private ByteBuf next() {
    CompositeByteBuf buffer = Unpooled.compositeBuffer(Integer.MAX_VALUE);
    int begun = copied;
    int filled = 0;
    while (filled < size && more()) {
      int part = Math.min(piece.length - from, size - filled);
      if (piece.length >= WORTH_SHARING) {
        addCopies(buffer, begun);
        begun = copied;
        buffer.addComponent(true, Unpooled.wrappedBuffer(piece, from, part));
      } else {
        if (copied == copies.length) {
          addCopies(buffer, begun);
          copies = new byte[COPIES];
          copied = 0;
          begun = 0;
        }
        part = Math.min(part, copies.length - copied);
        System.arraycopy(piece, from, copies, copied, part);
        copied += part;
      }
      from += part;
      filled += part;
    }
    addCopies(buffer, begun);
    return buffer;
  }

  private boolean more() {
    while (from == piece.length && pieces.hasNext()) {
      piece = pieces.next();
      from = 0;
    }
    return from < piece.length;
  }

  private void addCopies(CompositeByteBuf buffer, int begun) {
    if (begun < copied) {
      buffer.addComponent(true, Unpooled.wrappedBuffer(copies, begun, copied - begun));
    }
  }
}
