package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that leave from where they are. */
final class BodyPumpTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final StreamGate gate = new StreamGate(null);

  BodyPumpTest() {
    channel.closeFuture().addListener(closed -> gate.close());
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1000, 5000, 200_000})
  void smallPiecesAndLargeOnesArriveAsOneBodyInOrder(int longest) throws InterruptedException {
    SplittableRandom random = new SplittableRandom(longest);
    List<byte[]> pieces = new ArrayList<>();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (whole.size() < 1_000_000 && pieces.size() < 100_000) {
      byte[] piece = new byte[random.nextInt(longest + 1)];
      random.nextBytes(piece);
      pieces.add(piece);
      whole.writeBytes(piece);
    }
    Thread writer = Thread.startVirtualThread(() -> send(pieces));
    // From here on this thread is the event loop.
    await().until(() -> !writer.isAlive() || writer.getState() == Thread.State.WAITING);
    while (writer.isAlive()) {
      channel.runPendingTasks();
      channel.runScheduledPendingTasks();
    }
    assertThat(received()).isEqualTo(whole.toByteArray());
  }

  @Test
  void whoeverAnswersIsToldThatTheClientIsGone() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
    var _ = channel.close();
    assertThatThrownBy(() ->
            new BodyPump(channel, gate, new Turns(channel.eventLoop()), List.of(new byte[1 << 20]))
                .send())
        .isInstanceOf(ClientGoneException.class);
  }

  private void send(List<byte[]> pieces) {
    try {
      new BodyPump(channel, gate, new Turns(channel.eventLoop()), pieces).send();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] received() {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    for (HttpContent content = channel.readOutbound();
        content != null;
        content = channel.readOutbound()) {
      ByteBuf bytes = content.content();
      byte[] part = new byte[bytes.readableBytes()];
      bytes.readBytes(part);
      received.writeBytes(part);
      content.release();
    }
    return received.toByteArray();
  }
}
