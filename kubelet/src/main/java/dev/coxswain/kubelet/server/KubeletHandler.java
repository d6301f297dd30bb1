package dev.coxswain.kubelet.server;

import dev.coxswain.kubelet.streaming.Bridge;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Authenticates and authorizes each request, then hands it to the endpoints on a thread. */
@SuppressWarnings("FutureReturnValueIgnored")
final class KubeletHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(KubeletHandler.class);

  private final Endpoints endpoints;

  KubeletHandler(Endpoints endpoints) {
    this.endpoints = endpoints;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    Channel channel = context.channel();
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    Optional<Caller> caller = caller(context);
    if (caller.isEmpty()) {
      Answers.text(channel, HttpResponseStatus.UNAUTHORIZED, "Unauthorized");
      return;
    }
    if (!caller.get().mayDoAnything()) {
      Answers.text(
          channel,
          HttpResponseStatus.FORBIDDEN,
          "Forbidden (user=" + caller.get().name() + ", resource=nodes, subresource=proxy)");
      return;
    }
    FullHttpRequest kept = request.retain();
    if (Bridge.wanted(request)) {
      channel.config().setAutoRead(false);
    }
    Thread.ofVirtual()
        .name("kubelet-api")
        .start(() -> {
          try {
            endpoints.serve(context, kept, uri);
          } catch (RuntimeException failure) {
            LOG.warn("{} {} failed: {}", kept.method(), uri.path(), failure.toString());
            Answers.text(
                channel,
                HttpResponseStatus.INTERNAL_SERVER_ERROR,
                String.valueOf(failure.getMessage()));
          } finally {
            kept.release();
          }
        });
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("Connection from {} ended: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }

  private static Optional<Caller> caller(ChannelHandlerContext context) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    if (tls == null) {
      return Optional.empty();
    }
    try {
      // The handshake verified it against the client CA; without a certificate there is none.
      return Optional.of(
          Caller.of((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]));
    } catch (SSLPeerUnverifiedException anonymous) {
      return Optional.empty();
    }
  }
}
