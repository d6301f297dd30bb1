package dev.coxswain.store.raft;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
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

/**
 * The peer port's second service: bytes in, bytes out ({@link PeerCall}), beside Raft's own on the
 * same port, with the same certificates, on the gRPC that Ratis brings along.
 */
final class PeerPort implements GrpcServices.Customizer, AutoCloseable {
  /** A forwarded range may be as large as the keyspace; the other direction is held by Raft's. */
  private static final int ANSWER_MAXIMUM = Integer.MAX_VALUE;

  private static final MethodDescriptor<byte[], byte[]> CALL =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("coxswain.store.Peer/Call")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final Optional<PeerTls> tls;
  private final Function<byte[], CompletableFuture<byte[]>> handler;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  PeerPort(Optional<PeerTls> tls, Function<byte[], CompletableFuture<byte[]>> handler) {
    this.tls = tls;
    this.handler = handler;
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException("a peer's message could not be read", e);
      }
    }
  }

  @Override
  public NettyServerBuilder customize(
      NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
    return builder.addService(
        ServerServiceDefinition.builder("coxswain.store.Peer")
            .addMethod(CALL, ServerCalls.asyncUnaryCall(this::serve))
            .build());
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

  /** Asks the member at an address ({@code host:port}). */
  CompletableFuture<byte[]> call(String address, byte[] request, Duration patience) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        channels
            .computeIfAbsent(address, this::open)
            .newCall(
                CALL,
                CallOptions.DEFAULT
                    .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .withMaxInboundMessageSize(ANSWER_MAXIMUM)),
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
  static boolean neverSent(Throwable failure) {
    if (!(failure instanceof StatusRuntimeException refused)
        || refused.getStatus().getCode() != Status.Code.UNAVAILABLE) {
      return false;
    }
    Throwable cause = refused.getCause();
    return cause instanceof java.net.ConnectException;
  }

  private ManagedChannel open(String address) {
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget("dns:///" + address);
    tls.ifPresentOrElse(files -> builder.sslContext(clientContext(files)), builder::usePlaintext);
    return builder
        .directExecutor()
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(3, TimeUnit.SECONDS)
        .build();
  }

  private static SslContext clientContext(PeerTls files) {
    File authority = files.authority().toFile();
    try {
      return GrpcSslContexts.configure(GrpcSslContexts.forClient(), SslProvider.JDK)
          .keyManager(files.certificate().toFile(), files.key().toFile())
          .trustManager(authority)
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException("the peer certificates cannot be used", e);
    }
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
