package dev.coxswain.apiserver.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

final class PipeTest {
  /** Is full when it is looked at, and has room before the looker can do anything about it. */
  private static final class JustDrained extends EmbeddedChannel {
    private boolean full;

    JustDrained(Pipe pipe) {
      super(pipe);
    }

    void fill() {
      full = true;
    }

    @Override
    public boolean isWritable() {
      if (!full) {
        return true;
      }
      full = false;
      pipeline().fireChannelWritabilityChanged();
      return false;
    }
  }

  @Test
  void aPeerThatHasRoomAgainIsWrittenToAgain() {
    Pipe fromClient = new Pipe();
    Pipe fromBackend = new Pipe();
    EmbeddedChannel client = new EmbeddedChannel(fromClient);
    JustDrained backend = new JustDrained(fromBackend);
    fromClient.to(backend);
    fromBackend.to(client);

    backend.fill();
    client.writeInbound(Unpooled.wrappedBuffer(new byte[] {1}));
    client.runPendingTasks();
    assertThat(client.config().isAutoRead()).isTrue();
    client.finishAndReleaseAll();
    backend.finishAndReleaseAll();
  }
}
