package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/** An answer that is written bit by bit. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
public final class ResponseStream {
  private final Channel channel;
  private final StreamGate gate;
  private final Turns turns;
  private final Framing framing;

  /** Whether the answer's head has been written; set by a task that is queued behind it. */
  private volatile boolean begun;

  ResponseStream(Channel channel, StreamGate gate, Turns turns, Framing framing) {
    this.channel = channel;
    this.gate = gate;
    this.turns = turns;
    this.framing = framing;
    channel.eventLoop().execute(() -> begun = true);
  }

  /** Whether the client takes more in; what is written all the same is buffered. */
  public boolean writable() {
    return channel.isWritable();
  }

  /** Whether the client is still there. */
  public boolean open() {
    return channel.isActive();
  }

  /** Blocks until the client takes more in. */
  public void awaitWritable() throws InterruptedException {
    gate.await();
  }

  /**
   * Writes bytes, as one message where the stream has messages; they must not change afterwards.
   * {@link #flush} sends them.
   */
  public void write(byte[]... pieces) {
    write(Unpooled.wrappedBuffer(pieces));
  }

  /** Writes a buffer, which is released when it has been sent. */
  public void write(ByteBuf buffer) {
    channel.write(framing.piece(buffer));
  }

  /** Sends what was written. */
  public void flush() {
    channel.flush();
  }

  /** Ends the answer. */
  public void end() {
    framing.end(channel);
  }

  /** Cuts the client off. */
  public void abort() {
    channel.close();
  }

  /** Runs a task on the connection's event loop, where it must not block. */
  public void execute(Runnable task) {
    channel.eventLoop().execute(task);
  }

  /**
   * Runs a task on the connection's event loop, where it must not block, in turn with those of
   * other streams: what comes in meanwhile is read in between. One at a time for a stream.
   */
  public void executeInTurn(Runnable task) {
    if (begun) {
      turns.add(task);
    } else {
      // In turn it might overtake the head, and what is written before that is lost.
      execute(task);
    }
  }

  /** Whether the caller is on the connection's event loop. */
  public boolean onEventLoop() {
    return channel.eventLoop().inEventLoop();
  }

  /** Says what to run, on the event loop, whenever the client takes more in again. */
  public void onWritable(Runnable task) {
    gate.onWritable(() -> {
      if (begun) {
        task.run();
      } else {
        // What is left out now would never be said again; behind the head it may be said.
        execute(task);
      }
    });
  }

  /** Runs something once the client is gone or the answer complete; at once when it already is. */
  public void onClosed(Runnable task) {
    gate.onClosed(task);
  }
}
