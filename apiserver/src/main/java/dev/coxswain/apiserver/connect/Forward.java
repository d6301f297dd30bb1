package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.http.ResponseStream;
import dev.coxswain.apiserver.request.ApiRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Hands a request on over HTTP and streams the answer back, no faster than the client reads. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class Forward {
  /** Headers of an answer that are about the connection it came on. */
  private static final Set<String> HOP =
      Set.of(
          "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "trailer");

  private Forward() {}

  /** Hands the request on, and returns when the answer is complete. */
  static void send(BackendClient client, Target target, ApiRequest request)
      throws InterruptedException {
    Relay relay = new Relay(request);
    Channel backend =
        client.connect(target, () -> new ChannelHandler[] {new HttpClientCodec(), relay});
    request.exchange().onClosed(backend::close);
    backend.writeAndFlush(outgoing(target, request.http()));
    try {
      relay.done.get();
    } catch (ExecutionException e) {
      if (request.exchange().answered()) {
        request.exchange().abort();
        return;
      }
      throw new ApiException(
          StatusReason.SERVICE_UNAVAILABLE, "error trying to reach " + target + ": " + reason(e));
    } finally {
      backend.close();
    }
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause();
    return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
  }

  private static DefaultFullHttpRequest outgoing(Target target, HttpRequest request) {
    DefaultFullHttpRequest message =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(request.method()),
            target.uri(),
            Unpooled.wrappedBuffer(request.body()));
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (Target.handsOn(name) && !HOP.contains(name)) {
        message.headers().add(name, header.getValue());
      }
    }
    message.headers().set(HttpHeaderNames.HOST, target.host() + ":" + target.port());
    message.headers().set(HttpHeaderNames.CONNECTION, "close");
    if (request.body().length > 0) {
      message.headers().set(HttpHeaderNames.CONTENT_LENGTH, request.body().length);
    }
    return message;
  }

  /** On the backend's event loop: copies the answer to the client. */
  private static final class Relay extends SimpleChannelInboundHandler<HttpObject> {
    private final ApiRequest request;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private @Nullable ResponseStream stream;

    Relay(ApiRequest request) {
      this.request = request;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpResponse response) {
        begin(context, response);
      }
      ResponseStream target = stream;
      if (target != null && message instanceof HttpContent content) {
        if (content.content().isReadable()) {
          target.write(content.content().retain());
        }
        if (!target.writable()) {
          context.channel().config().setAutoRead(false);
        }
        if (message instanceof LastHttpContent) {
          target.end();
          done.complete(true);
        }
      }
    }

    private void begin(ChannelHandlerContext context, HttpResponse response) {
      Map<String, List<String>> headers = new LinkedHashMap<>();
      for (String name : response.headers().names()) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!HOP.contains(lower) && !lower.equals("content-type")) {
          headers.put(name, response.headers().getAll(name));
        }
      }
      String contentType = response.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
      ResponseStream opened =
          request.exchange().open(response.status().code(), contentType, headers);
      opened.onWritable(() -> context.channel().config().setAutoRead(true));
      stream = opened;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      ResponseStream target = stream;
      if (target != null) {
        target.flush();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      done.completeExceptionally(new IllegalStateException("the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      done.completeExceptionally(cause);
      context.close();
    }
  }
}
