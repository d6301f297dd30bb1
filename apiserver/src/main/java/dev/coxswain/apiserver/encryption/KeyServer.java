package dev.coxswain.apiserver.encryption;

import com.google.protobuf.ByteString;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import dev.coxswain.proto.kms.DecryptRequest;
import dev.coxswain.proto.kms.EncryptRequest;
import dev.coxswain.proto.kms.EncryptResponse;
import dev.coxswain.proto.kms.EncryptedObject;
import dev.coxswain.proto.kms.KeyManagementServiceGrpc;
import dev.coxswain.proto.kms.StatusRequest;
import dev.coxswain.proto.kms.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A plugin on this machine that keeps the key of keys (KMS v2), asked over its socket. */
final class KeyServer {
  private static final String VERSION_PREFIX = "v2";
  private static final String WELL = "ok";

  /** One thread is enough for all plugins: keys are asked for when they change. */
  private static final MultiThreadIoEventLoopGroup LOOP =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  private final String name;
  private final Duration timeout;
  private final ManagedChannel channel;

  /**
   * A plugin.
   *
   * @param name what the configuration calls it
   * @param socket the path of its socket
   * @param timeout how long each answer may take
   */
  KeyServer(String name, String socket, Duration timeout) {
    this.name = name;
    this.timeout = timeout;
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(LOOP)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            // Netty warns of this option, which gRPC sets on every socket, on one that lacks it.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  private KeyManagementServiceGrpc.KeyManagementServiceBlockingStub stub() {
    return KeyManagementServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Something that is asked. */
  @FunctionalInterface
  private interface Question<T> {
    T ask(KeyManagementServiceGrpc.KeyManagementServiceBlockingStub stub);
  }

  private <T> T ask(Question<T> question) throws GeneralSecurityException {
    try (var _ = RequestTrace.enter(Stage.KEYS)) {
      return question.ask(stub());
    } catch (StatusRuntimeException e) {
      throw new GeneralSecurityException(
          "the key server " + name + " does not answer: " + e.getMessage(), e);
    }
  }

  /** The name of the key that it would encrypt with now. */
  String key() throws GeneralSecurityException {
    StatusResponse status = ask(stub -> stub.status(StatusRequest.getDefaultInstance()));
    if (!status.getVersion().startsWith(VERSION_PREFIX)) {
      throw new GeneralSecurityException(
          "the key server " + name + " speaks version " + status.getVersion() + ", not v2");
    }
    if (!status.getHealthz().equals(WELL)) {
      throw new GeneralSecurityException(
          "the key server " + name + " is not well: " + status.getHealthz());
    }
    return required(status.getKeyId());
  }

  private String required(String key) throws GeneralSecurityException {
    if (key.isEmpty()) {
      throw new GeneralSecurityException("the key server " + name + " names no key");
    }
    return key;
  }

  /** Encrypts with its key: the frame of values that the plain text is the source of. */
  EncryptedObject encrypt(byte[] plain, String uid) throws GeneralSecurityException {
    EncryptResponse answer =
        ask(stub ->
            stub.encrypt(
                EncryptRequest.newBuilder()
                    .setPlaintext(ByteString.copyFrom(plain))
                    .setUid(uid)
                    .build()));
    if (answer.getCiphertext().isEmpty()) {
      throw new GeneralSecurityException("the key server " + name + " gives nothing back");
    }
    return EncryptedObject.newBuilder()
        .setKeyId(required(answer.getKeyId()))
        .setEncryptedSource(answer.getCiphertext())
        .putAllAnnotations(answer.getAnnotationsMap())
        .build();
  }

  /** The plain text of what it encrypted. */
  byte[] decrypt(EncryptedObject frame, String uid) throws GeneralSecurityException {
    return ask(stub ->
            stub.decrypt(
                DecryptRequest.newBuilder()
                    .setCiphertext(frame.getEncryptedSource())
                    .setUid(uid)
                    .setKeyId(frame.getKeyId())
                    .putAllAnnotations(frame.getAnnotationsMap())
                    .build()))
        .getPlaintext()
        .toByteArray();
  }

  /** Ends the connection. */
  void close() {
    channel.shutdown();
  }
}
