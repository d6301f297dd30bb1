package dev.coxswain.store.etcd;

import dev.coxswain.store.gateway.JsonGateway;
import dev.coxswain.store.metrics.Pages;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Lets each connection to the clients' port speak one of the two protocols that etcd serves there:
 * gRPC, or HTTP/1.1 for the pages of operators and the services as JSON. Over TLS the handshake
 * settles it: who offers HTTP/1.1 gets that, since clients of gRPC never do and {@code curl} offers
 * both. Without TLS the first bytes tell.
 *
 * <p>gRPC has no public way to share its port; its negotiators are what Netty servers of gRPC
 * extend.
 */
final class ClientProtocols implements InternalProtocolNegotiator.ProtocolNegotiator {
  /** What a server offers in the handshake, the most wanted first. */
  static final ApplicationProtocolConfig OFFER =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_1_1,
          ApplicationProtocolNames.HTTP_2);

  /** How a connection of HTTP/2 begins, as far as no request of HTTP/1.1 does. */
  private static final byte[] PREFACE = "PRI".getBytes(StandardCharsets.US_ASCII);

  /** A connection that is silent for so long, and nothing asked for under way, is closed. */
  private static final int IDLE_SECONDS = 120;

  private final Optional<SslContext> tls;
  private final int bodyBytes;
  private final Pages pages;
  private final JsonGateway gateway;
  private final Executor workers;
  private volatile boolean stopping;

  /** Lets requests over HTTP/1.1 be so large at most. */
  ClientProtocols(
      Optional<SslContext> tls, int bodyBytes, Pages pages, JsonGateway gateway, Executor workers) {
    this.tls = tls;
    this.bodyBytes = bodyBytes;
    this.pages = pages;
    this.gateway = gateway;
    this.workers = workers;
  }

  /** From now on connections are closed when gRPC's server says so. */
  void stopping() {
    stopping = true;
  }

  @Override
  public AsciiString scheme() {
    return AsciiString.of(tls.isPresent() ? "https" : "http");
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return tls.<ChannelHandler>map(context -> new ByHandshake(grpc, context))
        .orElseGet(() -> new ByFirstBytes(grpc));
  }

  @Override
  public void close() {}

  private void speakGrpc(ChannelHandlerContext here, GrpcHttp2ConnectionHandler grpc) {
    ChannelHandler next = InternalProtocolNegotiators.serverPlaintext().newHandler(grpc);
    here.pipeline().addAfter(here.name(), null, next);
    here.fireUserEventTriggered(InternalProtocolNegotiationEvent.getDefault());
  }

  private void speakHttp(ChannelHandlerContext here) {
    ChannelPipeline pipeline = here.pipeline();
    // gRPC's, which waits for a call to come: it would keep back what is written.
    pipeline.removeLast();
    pipeline.addAfter(here.name(), null, new PageHandler(pages, gateway, workers, () -> stopping));
    pipeline.addAfter(here.name(), null, new HttpObjectAggregator(bodyBytes));
    pipeline.addAfter(here.name(), null, new HttpServerCodec());
    pipeline.addAfter(
        here.name(), null, new IdleStateHandler(0, 0, IDLE_SECONDS, TimeUnit.SECONDS));
  }

  private final class ByHandshake extends ApplicationProtocolNegotiationHandler {
    private final GrpcHttp2ConnectionHandler grpc;
    private final SslContext context;

    ByHandshake(GrpcHttp2ConnectionHandler grpc, SslContext context) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.grpc = grpc;
      this.context = context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext here) throws Exception {
      super.handlerAdded(here);
      here.pipeline().addBefore(here.name(), null, context.newHandler(here.alloc()));
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext here, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        speakGrpc(here, grpc);
      } else {
        speakHttp(here);
      }
    }

    /** Whoever has no certificate is turned away without a word in the log. */
    @Override
    protected void handshakeFailure(ChannelHandlerContext here, Throwable cause) {
      var _ = here.close();
    }

    /** Whoever hangs up during the handshake as well. */
    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
      var _ = here.close();
    }
  }

  private final class ByFirstBytes extends ByteToMessageDecoder {
    private final GrpcHttp2ConnectionHandler grpc;

    ByFirstBytes(GrpcHttp2ConnectionHandler grpc) {
      this.grpc = grpc;
    }

    @Override
    protected void decode(ChannelHandlerContext here, ByteBuf read, List<Object> out) {
      for (int i = 0; i < PREFACE.length; i++) {
        if (i == read.readableBytes()) {
          return;
        }
        if (read.getByte(read.readerIndex() + i) != PREFACE[i]) {
          speakHttp(here);
          here.pipeline().remove(this);
          return;
        }
      }
      speakGrpc(here, grpc);
      here.pipeline().remove(this);
    }
  }
}
