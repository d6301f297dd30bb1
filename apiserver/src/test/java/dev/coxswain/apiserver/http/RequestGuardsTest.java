package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that are slow or send too much, on a clock that the test moves. */
class RequestGuardsTest {
  private static final Duration MOMENT = Duration.ofSeconds(1);

  private final BodyBudget budget = new BodyBudget(4 << 20);
  private boolean certified;
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new RequestDeadline(),
          new BodyGuard(
              budget, () -> certified, refusal -> Answer.text(code(refusal), refusal.name())));

  RequestGuardsTest() {
    channel.freezeTime();
  }

  private static int code(Refusal refusal) {
    return switch (refusal) {
      case TOO_LARGE -> 413;
      case TOO_MUCH_AT_ONCE -> 429;
      case NOBODYS -> 401;
    };
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void pass(Duration time) {
    channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  private void headers(long length) {
    DefaultHttpRequest request =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/api");
    if (length > 0) {
      request.headers().set("Content-Length", length);
    }
    channel.writeInbound(request);
  }

  private void body(int length) {
    channel.writeInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[length])));
  }

  private int refusal() {
    FullHttpResponse response = channel.readOutbound();
    int code = response == null ? 0 : response.status().code();
    if (response != null) {
      response.release();
    }
    return code;
  }

  @Test
  void whoNeverAsksIsCutOff() {
    pass(RequestDeadline.FIRST.minus(MOMENT));
    assertThat(channel.isOpen()).isTrue();
    pass(MOMENT);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void whoNeverEndsHisBodyIsCutOffHoweverBusyHeIs() {
    headers(0);
    for (int second = 0; second < RequestDeadline.BODY.toSeconds() - 1; second++) {
      pass(MOMENT);
      body(1);
    }
    assertThat(channel.isOpen()).isTrue();
    pass(MOMENT);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void anAnswerMayTakeItsTimeAndTheNextRequestHasADeadlineAgain() {
    channel.writeInbound(
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/watch"));
    pass(Duration.ofHours(1));
    assertThat(channel.isOpen()).isTrue();
    channel.writeOutbound(
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    pass(Duration.ofHours(1));
    assertThat(channel.isOpen()).isTrue();
    channel.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);
    pass(RequestDeadline.NEXT);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aBodyThatIsAnnouncedTooLargeIsRefusedBeforeItComes() {
    certified = true;
    headers(BodyGuard.MAX_BODY + 1);
    assertThat(refusal()).isEqualTo(413);
    body(100);
    assertThat(channel.isOpen()).isTrue();
    pass(Duration.ofSeconds(2));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aLengthThatIsNoneIsLeftToWhoAnswersTheMalformed() {
    DefaultHttpRequest request =
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/api");
    request.headers().set("Content-Length", "2, 2");
    request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("two lengths")));
    channel.writeInbound(request);
    assertThat(channel.<Object>readInbound()).isSameAs(request);
  }

  @Test
  void aBodyThatGrowsTooLargeIsRefused() {
    certified = true;
    headers(0);
    body(BodyGuard.MAX_BODY);
    assertThat(refusal()).isZero();
    body(1);
    assertThat(refusal()).isEqualTo(413);
    assertThat(budget.take(4 << 20)).as("what was held is given back").isTrue();
  }

  @Test
  void whoShowsNothingMaySendLittle() {
    headers(0);
    body(BodyGuard.MAX_BODY_OF_NOBODY);
    assertThat(refusal()).isZero();
    body(1);
    assertThat(refusal()).isEqualTo(401);
  }

  @Test
  void everybodyTogetherMaySendSoMuch() {
    certified = true;
    assertThat(budget.take(3 << 20)).isTrue();
    headers(0);
    body(1 << 20);
    assertThat(refusal()).isZero();
    body(1);
    assertThat(refusal()).isEqualTo(429);
  }

  @Test
  void whatWasAnsweredIsNoLongerHeld() {
    certified = true;
    headers(0);
    body(1 << 20);
    channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
    assertThat(budget.take(4 << 20)).isFalse();
    channel.writeOutbound(LastHttpContent.EMPTY_LAST_CONTENT);
    assertThat(budget.take(4 << 20)).isTrue();
  }
}
