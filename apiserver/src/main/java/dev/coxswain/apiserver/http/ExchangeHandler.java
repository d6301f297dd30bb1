package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Turns the messages of one connection (HTTP/1.1) or one stream (HTTP/2) into exchanges, one after
 * the other.
 */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class ExchangeHandler extends ChannelDuplexHandler {
  /** How many requests a client may send ahead on one connection. */
  private static final int MAX_PIPELINED = 16;

  private final ServerContext server;
  private final boolean upgradable;
  private final Queue<FullHttpRequest> waiting = new ArrayDeque<>();
  private @Nullable StreamGate current;

  /** Whether a request that was sent ahead is about to begin: nothing may overtake it. */
  private boolean nextIsDue;

  private HttpRequest.@Nullable Connection connection;

  ExchangeHandler(ServerContext server, boolean upgradable) {
    this.server = server;
    this.upgradable = upgradable;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof FullHttpRequest request)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (current == null && !nextIsDue) {
      begin(context, request);
    } else if (waiting.size() < MAX_PIPELINED) {
      waiting.add(request);
    } else {
      request.release();
      context.close();
    }
  }

  private void begin(ChannelHandlerContext context, FullHttpRequest message) {
    HttpRequest request;
    try {
      if (message.decoderResult().isFailure()) {
        malformed(context, message.decoderResult().cause());
        return;
      }
      if (upgradable) {
        RequestForm.makeOrigin(message);
        Optional<String> problem = RequestForm.problem(message);
        if (problem.isPresent()) {
          end(context, HttpResponseStatus.BAD_REQUEST, "400 Bad Request: " + problem.get());
          return;
        }
      }
      request =
          new HttpRequest(
              message.method().name(),
              message.uri(),
              message.headers(),
              ByteBufUtil.getBytes(message.content()),
              connection(context));
    } finally {
      message.release();
    }
    StreamGate gate = new StreamGate(upgradable ? handler -> takeOver(context, handler) : null);
    current = gate;
    gate.writable(context.channel().isWritable());
    Exchange exchange =
        new Exchange(
            context.channel(),
            request,
            gate,
            server.turns(context.channel().eventLoop()),
            server.draining() && upgradable ? Map.of("Connection", List.of("close")) : Map.of());
    server.begin(exchange);
  }

  /** What follows on the connection cannot be understood either, so it ends. */
  private static void malformed(ChannelHandlerContext context, Throwable cause) {
    boolean tooLong =
        cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException;
    end(
        context,
        tooLong
            ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            : HttpResponseStatus.BAD_REQUEST,
        "");
  }

  private static void end(ChannelHandlerContext context, HttpResponseStatus status, String why) {
    ByteBuf body = Unpooled.copiedBuffer(why, StandardCharsets.UTF_8);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    if (!why.isEmpty()) {
      response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    }
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  private HttpRequest.Connection connection(ChannelHandlerContext context) {
    HttpRequest.Connection known = connection;
    if (known == null) {
      known = server.connection(context.channel());
      connection = known;
    }
    return known;
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    super.write(context, message, promise);
    if (message instanceof LastHttpContent) {
      end(context);
    }
  }

  /** The answer is complete: the next request, if one was sent ahead, begins. */
  private void end(ChannelHandlerContext context) {
    StreamGate gate = current;
    current = null;
    if (gate != null) {
      gate.close();
    }
    FullHttpRequest next = waiting.poll();
    if (next != null) {
      nextIsDue = true;
      context
          .executor()
          .execute(() -> {
            nextIsDue = false;
            if (context.channel().isActive()) {
              begin(context, next);
            } else {
              next.release();
            }
          });
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
    StreamGate gate = current;
    if (gate != null) {
      gate.writable(context.channel().isWritable());
    }
    super.channelWritabilityChanged(context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    StreamGate gate = current;
    current = null;
    if (gate != null) {
      gate.close();
    }
    FullHttpRequest next;
    while ((next = waiting.poll()) != null) {
      next.release();
    }
    super.channelInactive(context);
  }

  private void takeOver(ChannelHandlerContext context, ChannelHandler successor) {
    StreamGate gate = current;
    Runnable task =
        () -> {
          context.channel().config().setAutoRead(false);
          if (gate != null) {
            // This handler goes, so it will not see the connection end.
            context.channel().closeFuture().addListener(closed -> gate.close());
          }
          context.pipeline().addLast(successor);
          server.stripHttp(context.pipeline(), successor);
        };
    if (context.executor().inEventLoop()) {
      task.run();
    } else {
      context.executor().submit(task).syncUninterruptibly();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    server.connectionFailed(context.channel(), cause);
    context.close();
  }
}
