package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads small documents from kubelets for this server's own use. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
public final class KubeletReader {
  /** The largest document, in bytes: what 500 pods' statistics stay well below. */
  private static final int MAXIMUM = 16 << 20;

  private final NodeTargets nodes;
  private final BackendClient client;

  /** Reads through a client. */
  public KubeletReader(NodeTargets nodes, BackendClient client) {
    this.nodes = nodes;
    this.client = client;
  }

  /**
   * The body of a path on a node's kubelet.
   *
   * @throws ApiException when it cannot be reached, refuses, or takes longer than the deadline
   */
  public byte[] get(String node, String path, Duration deadline) throws InterruptedException {
    Target target = nodes.kubelet(node, path);
    var body = new CompletableFuture<byte[]>();
    Channel channel =
        client.connect(
            target,
            () ->
                new ChannelHandler[] {
                  new HttpClientCodec(), new HttpObjectAggregator(MAXIMUM), new Answer(body)
                });
    try {
      var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
      request.headers().set(HttpHeaderNames.HOST, target.host() + ":" + target.port());
      request.headers().set(HttpHeaderNames.CONNECTION, "close");
      channel.writeAndFlush(request);
      return body.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unreadable(target, String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      throw unreadable(target, "no answer within " + deadline.toSeconds() + " s");
    } finally {
      channel.close();
    }
  }

  private static ApiException unreadable(Target target, String why) {
    return new ApiException(StatusReason.SERVICE_UNAVAILABLE, target + ": " + why);
  }

  /** Waits for one answer. */
  private static final class Answer extends SimpleChannelInboundHandler<FullHttpResponse> {
    private final CompletableFuture<byte[]> body;

    Answer(CompletableFuture<byte[]> body) {
      this.body = body;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      if (response.status().code() == 200) {
        byte[] bytes = new byte[response.content().readableBytes()];
        response.content().readBytes(bytes);
        body.complete(bytes);
      } else {
        body.completeExceptionally(new IllegalStateException("it answers " + response.status()));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      body.completeExceptionally(new IllegalStateException("the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      body.completeExceptionally(cause);
      context.close();
    }
  }
}
