package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** Collects a request's body; one that is too large is refused in the API's own words. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class BodyAggregator extends HttpObjectAggregator {
  private final int limit;
  private final RequestHandler handler;

  BodyAggregator(int limit, RequestHandler handler) {
    super(limit);
    this.limit = limit;
    this.handler = handler;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
    Answer answer = handler.tooLarge(limit);
    ByteBuf body = Unpooled.buffer();
    answer.body().forEach(body::writeBytes);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
