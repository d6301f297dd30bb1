package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.tls.TestPki;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that are sent ahead on one connection. The test's thread is the event loop. */
final class ExchangeHandlerTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Exchange> begun = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new Reader(),
          new ExchangeHandler(
              new ServerContext(
                  new RequestHandler() {
                    @Override
                    public void handle(Exchange exchange) throws InterruptedException {
                      begun.add(exchange);
                      // The test answers.
                      over.await();
                    }

                    @Override
                    public Answer refusal(Refusal refusal) {
                      throw new AssertionError(refusal);
                    }
                  },
                  threads,
                  new ClientTrust(new TestPki("nobody").trust())),
              true));

  /** Something that happens while the loop reads, before its tasks. */
  @FunctionalInterface
  private interface Meanwhile {
    void happen(ChannelHandlerContext context) throws InterruptedException;
  }

  private static final class Reader extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      if (message instanceof Meanwhile meanwhile) {
        meanwhile.happen(context);
      } else {
        super.channelRead(context, message);
      }
    }
  }

  @AfterEach
  void stop() {
    over.countDown();
    threads.close();
    channel.finishAndReleaseAll();
  }

  private static FullHttpRequest request(String path) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
    request.headers().set(HttpHeaderNames.HOST, "localhost");
    return request;
  }

  /** The exchange that is begun as the so many-th. */
  private Exchange next(int number) {
    await().until(() -> begun.size() == number);
    return begun.getLast();
  }

  private static void answer(Exchange exchange) throws InterruptedException {
    exchange.answer(Answer.text(200, "well"));
  }

  @Test
  void whatComesWhileTheNextOneIsDueDoesNotOvertakeIt() throws InterruptedException {
    channel.writeInbound(request("/first"), request("/second"));
    Exchange first = next(1);
    assertThat(first.request().path()).isEqualTo("/first");
    Meanwhile overtaking =
        context -> {
          answer(first);
          context.fireChannelRead(request("/third"));
        };
    channel.writeInbound(overtaking);
    Exchange second = next(2);
    assertThat(second.request().path()).isEqualTo("/second");
    answer(second);
    Exchange third = next(3);
    assertThat(third.request().path()).isEqualTo("/third");
    answer(third);
  }
}
