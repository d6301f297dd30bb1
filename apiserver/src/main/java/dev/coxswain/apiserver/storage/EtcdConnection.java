package dev.coxswain.apiserver.storage;

import dev.coxswain.runtime.tls.Tls;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel to each endpoint, of which one is preferred: the first that works. A call that finds
 * its endpoint unreachable makes the next one preferred.
 */
final class EtcdConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EtcdConnection.class);

  /** As long as a silent connection is trusted; the values are those of upstream's client. */
  private static final int KEEP_ALIVE_SECONDS = 30;

  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 10;

  /** The largest answer taken from the store, in bytes: a page of objects of 1.5 MiB each. */
  private static final int MAX_MESSAGE_BYTES = 512 << 20;

  /** How often a call goes around the endpoints before it gives up. */
  private static final int ROUNDS = 3;

  private record Endpoint(String url, ManagedChannel channel) {}

  /**
   * Of its own: what the store answers, and what happens in it, would wait otherwise until a
   * thousand watchers have been sent the event before.
   */
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("store", true), NioIoHandler.newFactory());

  private final List<Endpoint> endpoints = new ArrayList<>();
  private final AtomicInteger preferred = new AtomicInteger();
  private final AtomicBoolean away = new AtomicBoolean();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("etcd-", 0).factory());

  EtcdConnection(EtcdConfig config) throws IOException {
    if (config.servers().isEmpty()) {
      throw new IllegalArgumentException("--etcd-servers: at least one URL is needed");
    }
    for (String url : config.servers()) {
      endpoints.add(new Endpoint(url, channel(URI.create(url), config)));
    }
  }

  private ManagedChannel channel(URI url, EtcdConfig config) throws IOException {
    int port = url.getPort() < 0 ? 2379 : url.getPort();
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(url.getHost(), port)
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .executor(executor)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    return switch (String.valueOf(url.getScheme())) {
      case "http" -> builder.negotiationType(NegotiationType.PLAINTEXT).build();
      case "https" -> builder.sslContext(tls(config)).build();
      default ->
          throw new IllegalArgumentException(
              "--etcd-servers: " + url + " must begin with https:// (or http://)");
    };
  }

  private static SslContext tls(EtcdConfig config) throws IOException {
    SslContextBuilder builder = SslContextBuilder.forClient();
    Path authority = config.authority();
    if (authority != null) {
      builder.trustManager(Tls.trust(authority));
    }
    Path certificate = config.certificate();
    Path key = config.key();
    if (certificate != null && key != null) {
      builder.keyManager(Tls.identity(certificate, key));
    }
    return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
  }

  /** The channel that works, as far as is known, with the number that {@link #failed} takes. */
  Attempt attempt() {
    int number = preferred.get();
    ManagedChannel channel = endpoints.get(Math.floorMod(number, endpoints.size())).channel();
    // Whoever calls paces itself: a call finds out how the endpoint is now, and does not fail for
    // how it was before. The channel's own pauses grow to minutes.
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return new Attempt(number, channel);
  }

  /** A try on one endpoint. */
  record Attempt(int number, ManagedChannel channel) {}

  /** Prefers the next endpoint, unless somebody else has done so since. */
  void failed(Attempt attempt, String why) {
    if (preferred.compareAndSet(attempt.number(), attempt.number() + 1)) {
      String url = endpoints.get(Math.floorMod(attempt.number(), endpoints.size())).url();
      // Only the first failure of a row is news.
      if (away.compareAndSet(false, true)) {
        log.warn("store endpoint {} does not answer ({}); trying on", url, why);
      } else {
        log.debug("store endpoint {} does not answer ({})", url, why);
      }
    }
  }

  /** An endpoint answered. */
  private void answered(Attempt attempt) {
    if (away.get() && away.getAndSet(false)) {
      log.info(
          "store endpoint {} answers",
          endpoints.get(Math.floorMod(attempt.number(), endpoints.size())).url());
    }
  }

  /**
   * Makes a call, on other endpoints when one cannot be reached. A call that changes something is
   * repeated only when it certainly did not reach the store.
   */
  <T> T call(boolean repeatable, Function<ManagedChannel, T> call) {
    @Nullable StatusRuntimeException last = null;
    for (int i = 0; i < endpoints.size() * ROUNDS; i++) {
      Attempt attempt = attempt();
      try {
        T answer = call.apply(attempt.channel());
        answered(attempt);
        return answer;
      } catch (StatusRuntimeException e) {
        if (!unreachable(e)) {
          throw e;
        }
        last = e;
        failed(attempt, reason(e));
        if (!repeatable && !neverSent(e)) {
          break;
        }
      }
    }
    StatusRuntimeException cause = Objects.requireNonNull(last);
    throw new StoreUnavailableException(
        "the store does not answer: " + reason(cause), !repeatable && !neverSent(cause), cause);
  }

  /** Whether another endpoint may do better. */
  static boolean unreachable(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> true;
      case UNKNOWN -> e.getCause() instanceof IOException;
      default -> false;
    };
  }

  /** Whether the call failed before any byte of it could have reached an endpoint. */
  private static boolean neverSent(StatusRuntimeException e) {
    return e.getStatus().getCode() == Status.Code.UNAVAILABLE
        && e.getCause() instanceof ConnectException;
  }

  static String reason(StatusRuntimeException e) {
    String text = e.getStatus().getDescription();
    Throwable cause = e.getCause();
    return e.getStatus().getCode()
        + (text == null ? "" : ": " + text)
        + (cause == null ? "" : ": " + cause.getMessage());
  }

  @Override
  public void close() {
    for (Endpoint endpoint : endpoints) {
      endpoint.channel().shutdownNow();
    }
    executor.shutdown();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
