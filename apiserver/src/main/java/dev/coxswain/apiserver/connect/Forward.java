package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.request.ApiRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Hands a request on over HTTP and streams the answer back, no faster than the client reads. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class Forward {
  /** Headers of an answer that are about the connection it came on. */
  static final Set<String> HOP =
      Set.of(
          "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "trailer");

  private Forward() {}

  /**
   * Hands the request on, and returns when the answer is complete.
   *
   * @throws ApiException where the other side cannot be reached, or fails and that is checked
   */
  static void send(BackendClient client, Target target, ApiRequest request, Passing passing)
      throws InterruptedException {
    Relay relay = new Relay(request, passing);
    Channel backend =
        client.connect(target, () -> new ChannelHandler[] {new HttpClientCodec(), relay});
    request.exchange().onClosed(backend::close);
    backend.writeAndFlush(outgoing(target, request.http(), passing));
    await(relay, backend, target, request);
  }

  /**
   * Returns when an answer is complete that is being relayed.
   *
   * @throws ApiException where the other side fails
   */
  static void await(Relay relay, Channel backend, Target target, ApiRequest request)
      throws InterruptedException {
    try {
      relay.done().get();
    } catch (ExecutionException e) {
      if (request.exchange().answered()) {
        request.exchange().abort();
        return;
      }
      if (e.getCause() instanceof ApiException failure) {
        throw failure;
      }
      throw unreached(target, e);
    } finally {
      backend.close();
    }
  }

  /** What is said where no answer came. */
  static ApiException unreached(Target target, ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new ApiException(
        StatusReason.SERVICE_UNAVAILABLE,
        "error trying to reach " + target + ": " + cause.getMessage());
  }

  private static DefaultFullHttpRequest outgoing(
      Target target, HttpRequest request, Passing passing) {
    DefaultFullHttpRequest message =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(request.method()),
            target.uri(),
            Unpooled.wrappedBuffer(request.body()));
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (passing.handsOn(name) && !HOP.contains(name)) {
        message.headers().add(name, header.getValue());
      }
    }
    passing
        .added(target, request)
        .forEach(header -> message.headers().add(header.getKey(), header.getValue()));
    message.headers().set(HttpHeaderNames.CONNECTION, "close");
    return message;
  }
}
