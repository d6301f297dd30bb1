package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.junit.jupiter.api.Test;

final class AnswersTest {

  @Test
  void afterAnAnswerTheNextRequestIsReadEvenIfAnUpgradeWasAskedFor() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAutoRead(false);
    Answers.text(channel, HttpResponseStatus.NOT_FOUND, "pod does not exist");
    FullHttpResponse answer = channel.readOutbound();
    assertThat(answer.status()).isEqualTo(HttpResponseStatus.NOT_FOUND);
    answer.release();
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.finishAndReleaseAll();
  }
}
