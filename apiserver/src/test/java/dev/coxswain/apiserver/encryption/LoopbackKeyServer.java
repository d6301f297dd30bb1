package dev.coxswain.apiserver.encryption;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.kms.DecryptRequest;
import dev.coxswain.proto.kms.DecryptResponse;
import dev.coxswain.proto.kms.EncryptRequest;
import dev.coxswain.proto.kms.EncryptResponse;
import dev.coxswain.proto.kms.KeyManagementServiceGrpc;
import dev.coxswain.proto.kms.StatusRequest;
import dev.coxswain.proto.kms.StatusResponse;
import io.grpc.Attributes;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A plugin that keeps the key of keys, or says so: it turns each bit. */
final class LoopbackKeyServer extends KeyManagementServiceGrpc.KeyManagementServiceImplBase
    implements AutoCloseable {
  private static final String ANNOTATION = "turned.example.com";

  private final Path socket;
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Server server;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile String key = "first";

  LoopbackKeyServer(Path socket) throws IOException {
    this.socket = socket;
    Files.deleteIfExists(socket);
    this.server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .directExecutor()
            .addService(this)
            .addTransportFilter(counting())
            .build()
            .start();
  }

  String endpoint() {
    return "unix://" + socket;
  }

  private ServerTransportFilter counting() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        connections.incrementAndGet();
        return attributes;
      }

      @Override
      public void transportTerminated(Attributes attributes) {
        connections.decrementAndGet();
      }
    };
  }

  /** How many clients are connected. */
  int connections() {
    return connections.get();
  }

  /** What it was asked, in order. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  /** From now on it encrypts with another key. */
  void rotate(String next) {
    key = next;
  }

  private static ByteString turned(ByteString bytes) {
    byte[] turned = bytes.toByteArray();
    for (int i = 0; i < turned.length; i++) {
      turned[i] = (byte) ~turned[i];
    }
    return ByteString.copyFrom(turned);
  }

  private static <T> void answer(StreamObserver<T> observer, T answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    asked.add("status");
    answer(
        observer,
        StatusResponse.newBuilder().setVersion("v2").setHealthz("ok").setKeyId(key).build());
  }

  @Override
  public void encrypt(EncryptRequest request, StreamObserver<EncryptResponse> observer) {
    asked.add("encrypt");
    answer(
        observer,
        EncryptResponse.newBuilder()
            .setCiphertext(turned(request.getPlaintext()))
            .setKeyId(key)
            .putAnnotations(ANNOTATION, ByteString.copyFromUtf8(key))
            .build());
  }

  @Override
  public void decrypt(DecryptRequest request, StreamObserver<DecryptResponse> observer) {
    asked.add("decrypt");
    boolean known =
        ByteString.copyFromUtf8(request.getKeyId())
            .equals(request.getAnnotationsMap().get(ANNOTATION));
    answer(
        observer,
        DecryptResponse.newBuilder()
            .setPlaintext(known ? turned(request.getCiphertext()) : ByteString.EMPTY)
            .build());
  }

  @Override
  public void close() {
    server.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
