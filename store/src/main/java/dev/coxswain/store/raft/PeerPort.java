package dev.coxswain.store.raft;

import dev.coxswain.runtime.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.ConnectivityState;
import org.apache.ratis.thirdparty.io.grpc.Context;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.ServerServiceDefinition;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.netty.GrpcSslContexts;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslContext;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peer port's second service: bytes in, bytes out ({@link PeerCall}), beside Raft's own on the
 * same port, with the same certificates, on the gRPC that Ratis brings along.
 */
final class PeerPort implements GrpcServices.Customizer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPort.class);

  /** The list of members, or one key: a value is at most 1.5 MiB, and a frame may hold several. */
  private static final int ANSWER_MAXIMUM = 64 << 20;

  /**
   * What a write answers with is as long as the values that it deleted or read; it is done and has
   * to be told. An answer that were too long would end the link, and with it what others asked.
   */
  private static final int FRAMES_MAXIMUM = Integer.MAX_VALUE;

  /** How long a silent connection is trusted. */
  private static final int KEEP_ALIVE_SECONDS = 10;

  private static final MethodDescriptor<byte[], byte[]> CALL =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("coxswain.store.Peer/Call")
          .setRequestMarshaller(new WireBytes())
          .setResponseMarshaller(new WireBytes())
          .build();

  private static final MethodDescriptor<byte[], byte[]> LINK =
      CALL.toBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .setFullMethodName("coxswain.store.Peer/Frames")
          .build();

  /** Ratis' appends, the one call of its service that comes with every entry. */
  static final String APPENDS = "ratis.grpc.RaftServerProtocolService/appendEntries";

  private final Optional<PeerTls> tls;
  private final Function<byte[], CompletableFuture<byte[]>> handler;
  private final List<ServerInterceptor> gates;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Map<String, PeerLink> links = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * A port that answers by a handler.
   *
   * @param gates what all calls of other members pass, Ratis' own too
   */
  PeerPort(
      Optional<PeerTls> tls,
      Function<byte[], CompletableFuture<byte[]>> handler,
      List<ServerInterceptor> gates) {
    this.tls = tls;
    this.handler = handler;
    this.gates = gates;
  }

  @Override
  public NettyServerBuilder customize(
      NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
    gates.forEach(builder::intercept);
    return builder
        // Without, gRPC's servers end a connection on which its client asks whether it still
        // stands.
        .permitKeepAliveTime(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
        .callExecutor(PeerPort::executor)
        .addService(
            ServerServiceDefinition.builder("coxswain.store.Peer")
                .addMethod(CALL, ServerCalls.asyncUnaryCall(this::serve))
                .addMethod(LINK, ServerCalls.asyncBidiStreamingCall(this::serveLink))
                .build());
  }

  // Appends and what members ask each other never wait, so the event loop that received them does
  // them itself. The rest, votes and snapshots, goes to disk first and has threads of its own.
  private static @Nullable Executor executor(ServerCall<?, ?> call, Metadata headers) {
    String method = call.getMethodDescriptor().getFullMethodName();
    return method.equals(LINK.getFullMethodName())
            || method.equals(CALL.getFullMethodName())
            || method.equals(APPENDS)
        ? Runnable::run
        : null;
  }

  private StreamObserver<byte[]> serveLink(StreamObserver<byte[]> answers) {
    PeerFrames frames = new PeerFrames(EventLoopTurn.later(), message -> send(answers, message));
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] message) {
        for (PeerFrames.Frame frame : PeerFrames.read(message)) {
          var _ =
              handler
                  .apply(frame.body())
                  .whenComplete((answer, failure) ->
                      frames.send(
                          frame.number(), failure == null ? answer : PeerCall.failure(failure)));
        }
      }

      @Override
      public void onError(Throwable failure) {
        LOG.debug("a member's link ended: {}", failure.toString());
      }

      @Override
      public void onCompleted() {
        synchronized (answers) {
          answers.onCompleted();
        }
      }
    };
  }

  private static void send(StreamObserver<byte[]> answers, byte[] message) {
    synchronized (answers) {
      try {
        answers.onNext(message);
      } catch (IllegalStateException | StatusRuntimeException ended) {
        LOG.debug("the asking member is gone: {}", ended.toString());
      }
    }
  }

  private void serve(byte[] request, StreamObserver<byte[]> answer) {
    var _ =
        handler
            .apply(request)
            .whenComplete((response, failure) -> {
              if (failure == null) {
                answer.onNext(response);
                answer.onCompleted();
              } else {
                answer.onError(
                    Status.INTERNAL.withDescription(failure.toString()).asRuntimeException());
              }
            });
  }

  /**
   * Asks the member at an address for something small; fails when {@link #expire} finds it late.
   */
  CompletableFuture<byte[]> ask(String address, byte[] request, long now, Duration patience) {
    return links
        .computeIfAbsent(
            address, where -> new PeerLink(answers -> detached(() -> open(where, answers))))
        .ask(request, now, patience);
  }

  private StreamObserver<byte[]> open(String address, StreamObserver<byte[]> answers) {
    return ClientCalls.asyncBidiStreamingCall(
        channel(address)
            .newCall(LINK, CallOptions.DEFAULT.withMaxInboundMessageSize(FRAMES_MAXIMUM)),
        answers);
  }

  // A call made while another is being served would end with it: a link that many use, with
  // whichever member's request happened to open it.
  private static <T> T detached(Supplier<T> call) {
    Context serving = Context.ROOT.attach();
    try {
      return call.get();
    } finally {
      Context.ROOT.detach(serving);
    }
  }

  /**
   * Fails what was asked too long ago, and has members that could not be reached tried again: on
   * its own gRPC would wait for up to two minutes, in which a member that is back is not heard.
   * Called now and then.
   */
  void expire(long now) {
    links.values().forEach(link -> link.expire(now));
    for (ManagedChannel channel : channels.values()) {
      if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
        channel.resetConnectBackoff();
      }
    }
  }

  private ManagedChannel channel(String address) {
    ManagedChannel channel = channels.computeIfAbsent(address, this::open);
    if (closed) {
      // Opened after the others were closed, or about to be.
      channel.shutdownNow();
    }
    return channel;
  }

  /** Lets the next request to an address connect at once, however often that has failed. */
  void connectAnew(String address) {
    channel(address).resetConnectBackoff();
  }

  /**
   * Asks the member at an address ({@code host:port}, or a {@link PeerName}) for what may take it a
   * while.
   */
  CompletableFuture<byte[]> call(String address, byte[] request, Duration patience) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call =
        detached(() ->
            channel(address)
                .newCall(
                    CALL,
                    CallOptions.DEFAULT
                        .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
                        .withMaxInboundMessageSize(ANSWER_MAXIMUM)));
    ClientCalls.asyncUnaryCall(
        call,
        request,
        new StreamObserver<>() {
          @Override
          public void onNext(byte[] value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {
            // A unary call has said all with its one message.
          }
        });
    return answer;
  }

  /** Whether a failed call cannot have reached the other side. */
  static boolean neverSent(@Nullable Throwable failure) {
    if (failure == null) {
      return false;
    }
    if (!(LeaderRoute.cause(failure) instanceof StatusRuntimeException refused)
        || refused.getStatus().getCode() != Status.Code.UNAVAILABLE) {
      return false;
    }
    Throwable cause = refused.getCause();
    return cause instanceof java.net.ConnectException;
  }

  private ManagedChannel open(String address) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget(PeerName.isName(address) ? address : "dns:///" + address);
    tls.ifPresentOrElse(files -> builder.sslContext(clientContext(files)), builder::usePlaintext);
    return builder
        .directExecutor()
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(3, TimeUnit.SECONDS)
        .build();
  }

  static SslContext clientContext(PeerTls files) {
    try {
      return GrpcSslContexts.configure(GrpcSslContexts.forClient(), SslProvider.JDK)
          .keyManager(Tls.identity(files.certificate(), files.key()))
          .trustManager(Tls.trust(files.authority()))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException("the peer certificates cannot be used", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
