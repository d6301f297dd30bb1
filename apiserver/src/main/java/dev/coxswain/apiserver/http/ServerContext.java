package dev.coxswain.apiserver.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections of a server share. */
final class ServerContext {
  private static final Logger log = LoggerFactory.getLogger(ServerContext.class);

  /** How many bytes of bodies are in memory at once. */
  private static final long MAX_BODIES = 64L << 20;

  private final BodyBudget bodies = new BodyBudget(MAX_BODIES);
  private final RequestHandler handler;
  private final ExecutorService threads;
  private final ClientTrust trust;
  private final Map<EventLoop, Turns> turns = new ConcurrentHashMap<>();
  private final Set<Exchange> active = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  ServerContext(RequestHandler handler, ExecutorService threads, ClientTrust trust) {
    this.handler = handler;
    this.threads = threads;
    this.trust = trust;
  }

  RequestHandler handler() {
    return handler;
  }

  BodyBudget bodies() {
    return bodies;
  }

  boolean draining() {
    return draining;
  }

  void drain() {
    draining = true;
  }

  int active() {
    return active.size();
  }

  /** The turns that the streams of an event loop take. */
  Turns turns(EventLoop loop) {
    return turns.computeIfAbsent(loop, Turns::new);
  }

  /** Hands an exchange to a virtual thread. */
  void begin(Exchange exchange) {
    active.add(exchange);
    exchange.onClosed(() -> active.remove(exchange));
    threads.execute(() -> run(exchange));
  }

  private void run(Exchange exchange) {
    try {
      handler.handle(exchange);
      if (!exchange.answered()) {
        exchange.answer(Answer.text(500, "no answer"));
      }
    } catch (ClientGoneException e) {
      log.debug("{}: {}", exchange.request(), e.getMessage());
    } catch (InterruptedException e) {
      exchange.abort();
    } catch (RuntimeException | Error e) {
      log.error("{}: failed", exchange.request(), e);
      exchange.abort();
      if (e instanceof Error fatal) {
        throw fatal;
      }
    }
  }

  /** What is known of the peer of a connection, or of the connection that carries a stream. */
  HttpRequest.Connection connection(Channel channel) {
    boolean stream = channel.parent() != null && channel.pipeline().get(SslHandler.class) == null;
    Channel transport = stream ? channel.parent() : channel;
    SslHandler tls = transport.pipeline().get(SslHandler.class);
    String remote =
        transport.remoteAddress() instanceof InetSocketAddress address
            ? address.getAddress().getHostAddress() + ":" + address.getPort()
            : String.valueOf(transport.remoteAddress());
    return new HttpRequest.Connection(
        remote, stream ? "HTTP/2" : "HTTP/1.1", tls == null ? PeerIdentity.NONE : identity(tls));
  }

  /** Whether the peer of a connection showed a certificate that is trusted. */
  boolean certified(Channel channel) {
    return !connection(channel).identity().chain().isEmpty();
  }

  private PeerIdentity identity(SslHandler tls) {
    SSLSession session = tls.engine().getSession();
    // Streams share the session, so the chain is judged once for a connection.
    if (session.getValue(PeerIdentity.class.getName()) instanceof PeerIdentity known) {
      return known;
    }
    PeerIdentity identity;
    try {
      identity = trust.verify(session.getPeerCertificates());
    } catch (SSLPeerUnverifiedException e) {
      identity = PeerIdentity.NONE;
    }
    session.putValue(PeerIdentity.class.getName(), identity);
    return identity;
  }

  /** Takes everything but TLS and one handler out of a pipeline. */
  void stripHttp(ChannelPipeline pipeline, ChannelHandler kept) {
    for (Map.Entry<String, ChannelHandler> entry : pipeline.toMap().entrySet()) {
      if (!(entry.getValue() instanceof SslHandler) && !entry.getValue().equals(kept)) {
        pipeline.remove(entry.getKey());
      }
    }
  }

  void connectionFailed(Channel channel, Throwable cause) {
    // A client that hangs up or speaks no TLS is its own affair.
    if (cause instanceof IOException) {
      log.debug("connection from {}: {}", channel.remoteAddress(), cause.getMessage());
    } else {
      log.info("connection from {}: {}", channel.remoteAddress(), String.valueOf(cause));
    }
  }
}
