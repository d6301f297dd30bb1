package dev.coxswain.kubelet.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RemoteCommandTest {
  /** Writes that the client has not taken yet. */
  private final List<ChannelPromise> waiting = new ArrayList<>();

  private final EmbeddedChannel client =
      new EmbeddedChannel(
          new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(
                ChannelHandlerContext context, Object message, ChannelPromise promise) {
              ReferenceCountUtil.release(message);
              waiting.add(promise);
            }
          });

  @Test
  void aClientIsNotLeftBeforeItHasTakenEverything() {
    client.freezeTime();
    EmbeddedChannel runtime = new EmbeddedChannel();
    RemoteCommand command =
        new RemoteCommand(client, runtime, new RemoteStreams(false, true, true, false), false);
    client.pipeline().addLast(command.clientHandler());
    runtime.pipeline().addLast(command.runtimeHandler());
    command.open();
    runtime.close().syncUninterruptibly();
    pass(Duration.ofMinutes(1));
    assertThat(client.isOpen()).as("it is slow").isTrue();
    waiting.forEach(ChannelPromise::setSuccess);
    pass(Duration.ofSeconds(1));
    assertThat(client.isOpen()).as("it may say farewell too").isTrue();
    pass(Duration.ofSeconds(1));
    assertThat(client.isOpen()).isFalse();
  }

  private void pass(Duration time) {
    client.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    client.runScheduledPendingTasks();
    client.runPendingTasks();
  }
}
