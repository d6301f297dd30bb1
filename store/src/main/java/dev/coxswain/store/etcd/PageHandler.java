package dev.coxswain.store.etcd;

import dev.coxswain.store.gateway.GatewayCall;
import dev.coxswain.store.gateway.JsonGateway;
import dev.coxswain.store.metrics.Pages;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Answers requests of HTTP/1.1 on the clients' port: for a page, after which the connection ends,
 * and for the services as JSON. It stands where gRPC's own handler would.
 */
final class PageHandler extends ChannelDuplexHandler {
  private final Pages pages;
  private final JsonGateway gateway;
  private final Executor workers;
  private final BooleanSupplier stopping;

  /** What the connection is busy with; touched by its event loop only, as what follows. */
  private Optional<GatewayCall> call = Optional.empty();

  private boolean busy;

  PageHandler(Pages pages, JsonGateway gateway, Executor workers, BooleanSupplier stopping) {
    this.pages = pages;
    this.gateway = gateway;
    this.workers = workers;
    this.stopping = stopping;
  }

  @Override
  public void channelRead(ChannelHandlerContext channel, Object message) {
    if (!(message instanceof FullHttpRequest request)) {
      channel.fireChannelRead(message);
      return;
    }
    try {
      if (busy) {
        // One at a time: nobody asks the next before the answer without meaning harm.
        var _ = channel.close();
        return;
      }
      busy = true;
      take(channel, request);
    } finally {
      request.release();
    }
  }

  private void take(ChannelHandlerContext channel, FullHttpRequest request) {
    boolean head = request.method().equals(HttpMethod.HEAD);
    String uri = request.uri();
    String path = new QueryStringDecoder(uri).rawPath();
    if (request.decoderResult().isFailure()) {
      answer(channel, Pages.Page.plain(400, "400 Bad Request\n"), head);
    } else if (request.method().equals(HttpMethod.POST) && JsonGateway.covers(path)) {
      Optional<GatewayCall> begun = gateway.call(request, channel, this::answered);
      if (begun.isEmpty()) {
        answer(channel, Pages.Page.plain(404, "Not Found\n"), false);
      } else if (busy) {
        call = begun;
      }
    } else if (!head && !request.method().equals(HttpMethod.GET)) {
      answer(channel, Pages.Page.plain(405, "Method Not Allowed\n"), false);
    } else {
      workers.execute(() -> answer(channel, pages.at(uri), head));
    }
  }

  private void answered() {
    busy = false;
    call = Optional.empty();
  }

  @Override
  public void channelInactive(ChannelHandlerContext channel) {
    call.ifPresent(GatewayCall::hungUp);
    channel.fireChannelInactive();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext channel) {
    if (channel.channel().isWritable()) {
      call.ifPresent(GatewayCall::writable);
    }
    channel.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext channel, Object event) {
    if (event instanceof IdleStateEvent && !busy) {
      var _ = channel.close();
    } else {
      channel.fireUserEventTriggered(event);
    }
  }

  /**
   * Whatever is written that is not ours is gRPC's server that wants the connection closed. It also
   * does so when it has not heard of gRPC for two minutes, but this one never will.
   */
  @Override
  public void write(ChannelHandlerContext channel, Object message, ChannelPromise promise) {
    ReferenceCountUtil.release(message);
    promise.setSuccess();
    if (stopping.getAsBoolean()) {
      var _ = channel.close();
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
