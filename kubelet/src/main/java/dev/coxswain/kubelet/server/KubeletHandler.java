package dev.coxswain.kubelet.server;

import dev.coxswain.kubelet.streaming.Bridge;
import dev.coxswain.runtime.access.AccessControl;
import dev.coxswain.runtime.access.Caller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Authenticates and authorizes each request, then hands it to the endpoints on a thread. */
@SuppressWarnings("FutureReturnValueIgnored")
final class KubeletHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(KubeletHandler.class);

  private static final String BEARER = "Bearer ";

  /** Every word of a command is one, and a long command line has thousands. */
  private static final int MAX_PARAMETERS = KubeletServer.LINE_BYTES / "command=&".length();

  private final Endpoints endpoints;
  private final AccessControl access;
  private final String node;

  KubeletHandler(Endpoints endpoints, AccessControl access, String node) {
    this.endpoints = endpoints;
    this.access = access;
    this.node = node;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    Channel channel = context.channel();
    if (request.decoderResult().isFailure()) {
      boolean longLine = request.decoderResult().cause() instanceof TooLongHttpLineException;
      Answers.text(
          channel,
          longLine ? HttpResponseStatus.REQUEST_URI_TOO_LONG : HttpResponseStatus.BAD_REQUEST,
          String.valueOf(request.decoderResult().cause().getMessage()));
      return;
    }
    QueryStringDecoder uri;
    try {
      uri = decoded(request.uri());
    } catch (IllegalArgumentException malformed) {
      Answers.text(channel, HttpResponseStatus.BAD_REQUEST, String.valueOf(malformed.getMessage()));
      return;
    }
    Optional<Caller> certified = certified(context);
    FullHttpRequest kept = request.retain();
    if (Bridge.wanted(request)) {
      channel.config().setAutoRead(false);
    }
    Thread.ofVirtual()
        .name("kubelet-api")
        .start(() -> {
          try {
            if (admits(channel, certified.or(() -> bearer(kept)), kept, uri.path())) {
              endpoints.serve(context, kept, uri);
            }
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

  /**
   * What is asked for, all of it decoded.
   *
   * @throws IllegalArgumentException for what cannot be decoded: here, and not where it is read
   */
  static QueryStringDecoder decoded(String uri) {
    QueryStringDecoder decoder =
        new QueryStringDecoder(uri, StandardCharsets.UTF_8, true, MAX_PARAMETERS);
    var _ = decoder.path();
    var _ = decoder.parameters();
    return decoder;
  }

  /** Whether the caller may do it; if not, it has been told. */
  private boolean admits(
      Channel channel, Optional<Caller> caller, FullHttpRequest request, String path) {
    if (caller.isEmpty()) {
      Answers.text(channel, HttpResponseStatus.UNAUTHORIZED, "Unauthorized");
      return false;
    }
    NodeAccess wanted = NodeAccess.of(request.method().name(), path);
    if (wanted.permissions(node).anyMatch(each -> access.allows(caller.get(), each))) {
      return true;
    }
    Answers.text(
        channel,
        HttpResponseStatus.FORBIDDEN,
        "Forbidden (user="
            + caller.get().name()
            + ", verb="
            + wanted.verb()
            + ", resource=nodes, subresource(s)=["
            + String.join(" ", wanted.subresources())
            + "])\n");
    return false;
  }

  private Optional<Caller> bearer(FullHttpRequest request) {
    String header = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    return header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? access.authenticate(header.substring(BEARER.length()).strip())
        : Optional.empty();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("Connection from {} ended: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }

  private static Optional<Caller> certified(ChannelHandlerContext context) {
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
