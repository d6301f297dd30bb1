package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class QuietConnectionsTest {
  private static final Duration ALMOST = QuietConnections.LONGEST.minusSeconds(1);

  private final QuietConnections connections = new QuietConnections();

  @Test
  void oneThatAsksNothingIsClosed() {
    EmbeddedChannel channel = connect();
    pass(channel, ALMOST);
    assertThat(channel.isOpen()).isTrue();
    // Headers alone are no request.
    channel.writeInbound(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/exec"));
    pass(channel, Duration.ofSeconds(2));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void anAnswerMayTakeAsLongAsItTakesAndThenItCountsAnew() {
    EmbeddedChannel channel = connect();
    pass(channel, ALMOST);
    ask(channel);
    pass(channel, Duration.ofHours(1));
    assertThat(channel.isOpen()).isTrue();
    answer(channel, HttpResponseStatus.CONTINUE);
    pass(channel, Duration.ofHours(1));
    assertThat(channel.isOpen()).isTrue();
    answer(channel, HttpResponseStatus.OK);
    pass(channel, ALMOST);
    assertThat(channel.isOpen()).isTrue();
    pass(channel, Duration.ofSeconds(2));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void ofTooManyTheOneGoesThatHasBeenQuietForLongest() {
    EmbeddedChannel busy = connect();
    ask(busy);
    List<EmbeddedChannel> quiet = new ArrayList<>();
    for (int i = 0; i < QuietConnections.MOST; i++) {
      quiet.add(connect());
    }
    assertThat(quiet).allMatch(EmbeddedChannel::isOpen);
    ask(quiet.getFirst());
    answer(quiet.getFirst(), HttpResponseStatus.OK);
    connect();
    assertThat(quiet.get(1).isOpen()).isFalse();
    assertThat(quiet.getFirst().isOpen()).isTrue();
    assertThat(busy.isOpen()).isTrue();
    var _ = quiet.get(2).close();
    connect();
    assertThat(quiet.get(3).isOpen()).isTrue();
  }

  @Test
  void oneThatWasUpgradedIsNotItsAffair() {
    EmbeddedChannel channel = connect();
    ask(channel);
    answer(channel, HttpResponseStatus.SWITCHING_PROTOCOLS);
    channel.pipeline().removeFirst();
    pass(channel, Duration.ofHours(1));
    assertThat(channel.isOpen()).isTrue();
  }

  private EmbeddedChannel connect() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    channel.pipeline().addLast(connections.handler());
    return channel;
  }

  private static void pass(EmbeddedChannel channel, Duration time) {
    channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  private static void ask(EmbeddedChannel channel) {
    channel.writeInbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/pods"));
  }

  private static void answer(EmbeddedChannel channel, HttpResponseStatus status) {
    channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status));
  }
}
