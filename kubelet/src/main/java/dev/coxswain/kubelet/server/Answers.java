package dev.coxswain.kubelet.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Whole answers. */
@SuppressWarnings("FutureReturnValueIgnored")
final class Answers {
  static final String TEXT = "text/plain; charset=utf-8";
  static final String JSON = "application/json";
  static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  private Answers() {}

  static void send(Channel channel, HttpResponseStatus status, String type, byte[] body) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, type)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    channel.writeAndFlush(response);
    // Where an upgrade was asked for and this came of it, the next request is still to be read.
    channel.config().setAutoRead(true);
  }

  static void text(Channel channel, HttpResponseStatus status, String text) {
    send(channel, status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }
}
