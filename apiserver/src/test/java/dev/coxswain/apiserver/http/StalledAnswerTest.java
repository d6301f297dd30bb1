package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An answer to a client that takes nothing in. */
final class StalledAnswerTest {
  private static final int MARK = 64 << 10;
  private static final int LONG = 4 << 20;

  /** Nothing leaves, and the gate is told of nothing, as when the event loop is busy. */
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new ChannelOutboundHandlerAdapter() {
            @Override
            public void flush(ChannelHandlerContext context) {}
          }) {
        // As of a stream of HTTP/2 whose event loop has not got to what it was handed.
        @Override
        public boolean isWritable() {
          return neverFull || super.isWritable();
        }
      };

  private volatile boolean neverFull;

  private final StreamGate gate = new StreamGate(null);
  private final Exchange exchange =
      new Exchange(
          channel,
          new HttpRequest(
              "GET",
              "/api/v1/pods",
              new DefaultHttpHeaders(),
              new byte[0],
              new HttpRequest.Connection("peer", "HTTP/2", PeerIdentity.NONE)),
          gate,
          new Turns(channel.eventLoop()),
          Map.of());

  StalledAnswerTest() {
    channel.freezeTime();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(MARK / 2, MARK));
    channel.closeFuture().addListener(closed -> gate.close());
  }

  @AfterEach
  void close() {
    gate.close();
    channel.finishAndReleaseAll();
  }

  private long held() {
    return channel.unsafe().outboundBuffer().totalPendingWriteBytes();
  }

  private Thread answer() {
    Thread writer =
        Thread.startVirtualThread(() -> {
          try {
            exchange.answer(new Answer(200, Answer.JSON, Map.of(), List.of(new byte[LONG])));
          } catch (ClientGoneException | InterruptedException expected) {
            // The test cuts it off.
          }
        });
    await()
        .until(() ->
            !writer.isAlive() || (held() >= MARK && writer.getState() == Thread.State.WAITING));
    return writer;
  }

  @Test
  void noMoreOfItIsHeldThanTheChannelAllows() {
    answer();
    assertThat(held()).isBetween((long) MARK, 2L * MARK);
  }

  @Test
  void noMoreOfItIsHeldWhereTheChannelDoesNotCountYet() {
    neverFull = true;
    answer();
    assertThat(held()).isBetween((long) MARK, 2L * MARK);
  }

  @Test
  void whatIsHeldOfItIsOfTheHeap() {
    UnpooledByteBufAllocator lender = new UnpooledByteBufAllocator(true);
    channel.config().setAllocator(lender);
    answer();
    assertThat(lender.metric().usedDirectMemory()).isZero();
  }

  @Test
  void itIsGivenUpAfterAWhile() throws InterruptedException {
    Thread writer = answer();
    channel.advanceTimeBy(Exchange.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    writer.join();
  }
}
