package dev.coxswain.store.etcd;

import dev.coxswain.store.metrics.Pages;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * Answers one request for a page and closes the connection: gRPC's server, whose connection it is,
 * takes one that speaks no gRPC for one that never got ready, and ends it after two minutes.
 */
final class PageHandler extends SimpleChannelInboundHandler<HttpObject> {
  private final Pages pages;
  private final Executor workers;
  private boolean asked;

  PageHandler(Pages pages, Executor workers) {
    this.pages = pages;
    this.workers = workers;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext channel, HttpObject part) {
    if (asked || !(part instanceof HttpRequest request)) {
      return;
    }
    asked = true;
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (request.decoderResult().isFailure()) {
      answer(channel, Pages.Page.plain(400, "400 Bad Request\n"), head);
    } else if (!head && !request.method().equals(HttpMethod.GET)) {
      answer(channel, Pages.Page.plain(405, "Method Not Allowed\n"), false);
    } else {
      String path = new QueryStringDecoder(request.uri()).rawPath();
      workers.execute(() -> answer(channel, pages.at(path), head));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
    var _ = channel.close();
  }

  private static void answer(ChannelHandlerContext channel, Pages.Page page, boolean head) {
    ByteBuf body = Unpooled.copiedBuffer(page.text(), StandardCharsets.UTF_8);
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(page.status()),
            head ? Unpooled.EMPTY_BUFFER : body);
    answer
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, page.type())
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    var _ = channel.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }
}
