package dev.coxswain.kubelet.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.program.HeldPort;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings({"FutureReturnValueIgnored", "JdkObsolete"})
final class BridgeTest {
  /** Only a failure takes that long. */
  private static final long LIMIT = 60;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final HttpClient http = HttpClient.newHttpClient();
  private final EchoRuntime runtime = new EchoRuntime(group);
  private Channel kubelet = serve(runtime.address());

  @BeforeEach
  void start() {
    assertThat(kubelet.isActive()).isTrue();
  }

  @AfterEach
  void stop() {
    kubelet.close().syncUninterruptibly();
    runtime.close();
    http.shutdownNow();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void aCommandIsGreetedEchoedAndItsOutcomeToldBeforeTheClose() throws Exception {
    Messages messages = new Messages();
    WebSocket client = connect("v5.channel.k8s.io", messages);
    assertThat(client.getSubprotocol()).isEqualTo("v5.channel.k8s.io");
    client.sendBinary(channel(0, "ahoy"), true).get(LIMIT, TimeUnit.SECONDS);
    client
        .sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true)
        .get(LIMIT, TimeUnit.SECONDS);
    assertThat(messages.closed()).isEqualTo(1000);
    assertThat(messages.greeted).isTrue();
    assertThat(messages.text(1)).isEqualTo("ahoy");
    assertThat(messages.text(3)).isEqualTo("{\"status\":\"Success\"}");
  }

  @Test
  void megabytesOfInputInFragmentsArriveWhole() throws Exception {
    Messages messages = new Messages();
    WebSocket client = connect("v5.channel.k8s.io", messages);
    byte[] cargo = new byte[3 << 20];
    new Random(7).nextBytes(cargo);
    int piece = 50_000;
    for (int from = 0; from < cargo.length; from += 2 * piece) {
      // One message in two fragments; only the first carries the channel byte.
      int middle = Math.min(cargo.length, from + piece);
      int end = Math.min(cargo.length, from + 2 * piece);
      ByteBuffer first =
          ByteBuffer.allocate(1 + middle - from)
              .put((byte) 0)
              .put(cargo, from, middle - from)
              .flip();
      client.sendBinary(first, false).get(LIMIT, TimeUnit.SECONDS);
      client
          .sendBinary(ByteBuffer.wrap(cargo, middle, end - middle), true)
          .get(LIMIT, TimeUnit.SECONDS);
    }
    client
        .sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true)
        .get(LIMIT, TimeUnit.SECONDS);
    assertThat(messages.closed()).isEqualTo(1000);
    assertThat(messages.bytes[1].toByteArray()).isEqualTo(cargo);
  }

  @Test
  void aVersionFourClientWorksToo() throws Exception {
    Messages messages = new Messages();
    WebSocket client = connect("v4.channel.k8s.io", messages);
    client.sendBinary(channel(0, "exit"), true).get(LIMIT, TimeUnit.SECONDS);
    assertThat(messages.closed()).isEqualTo(1000);
    assertThat(messages.text(3)).contains("Success");
  }

  @Test
  void aTunnelCarriesRawBytesInBinaryMessages() {
    StringBuffer echoed = new StringBuffer();
    Channel client = tunnel(echoed);
    Awaitility.await().until(() -> echoed.toString().equals("raw bytes"));
    client.close().syncUninterruptibly();
  }

  @Test
  void channelsOfForwardedPortsAreLeftToTheRuntime() throws Exception {
    Messages messages = new Messages();
    WebSocket client = connect("v4.channel.k8s.io", "/portForward/default/pod", messages);
    assertThat(client.getSubprotocol()).isEqualTo("v4.channel.k8s.io");
    client.sendBinary(channel(2, "ahoy"), true).get(LIMIT, TimeUnit.SECONDS);
    client.sendClose(WebSocket.NORMAL_CLOSURE, "").get(LIMIT, TimeUnit.SECONDS);
    assertThat(messages.closed()).isEqualTo(1000);
    assertThat(messages.text(2)).isEqualTo("ahoy");
  }

  @Test
  void anUnknownProtocolIsRefused() {
    assertThatThrownBy(() -> connect("v1.quill.and.ink", new Messages()))
        .hasRootCauseMessage("Unexpected HTTP response status code 400");
  }

  @Test
  void aRuntimeThatIsGoneIsAnErrorAndNoHang() throws Exception {
    kubelet.close().syncUninterruptibly();
    try (HeldPort silent = new HeldPort()) {
      kubelet = serve(URI.create("http://127.0.0.1:" + silent.number() + "/exec/token"));
      assertThatThrownBy(() -> connect("v5.channel.k8s.io", new Messages()))
          .hasRootCauseMessage("Unexpected HTTP response status code 500");
    }
  }

  private WebSocket connect(String protocol, Messages messages) throws Exception {
    return connect(protocol, "/exec/default/pod/container", messages);
  }

  private WebSocket connect(String protocol, String path, Messages messages) throws Exception {
    int port = ((InetSocketAddress) kubelet.localAddress()).getPort();
    URI address = URI.create("ws://127.0.0.1:" + port + path);
    return http.newWebSocketBuilder()
        .subprotocols(protocol)
        .buildAsync(address, messages)
        .get(LIMIT, TimeUnit.SECONDS);
  }

  /** The JDK's own client refuses the slash in this protocol's name. */
  private Channel tunnel(StringBuffer echoed) {
    int port = ((InetSocketAddress) kubelet.localAddress()).getPort();
    WebSocketClientProtocolHandler handshake =
        new WebSocketClientProtocolHandler(
            WebSocketClientProtocolConfig.newBuilder()
                .webSocketUri("ws://127.0.0.1:" + port + "/portForward/default/pod")
                .subprotocol("SPDY/3.1+portforward.k8s.io")
                .build());
    Channel client =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new HttpClientCodec(),
                            new HttpObjectAggregator(1 << 16),
                            handshake,
                            new SimpleChannelInboundHandler<BinaryWebSocketFrame>() {
                              @Override
                              public void userEventTriggered(
                                  ChannelHandlerContext context, Object event) {
                                if (event
                                    == WebSocketClientProtocolHandler.ClientHandshakeStateEvent
                                        .HANDSHAKE_COMPLETE) {
                                  context.writeAndFlush(
                                      new BinaryWebSocketFrame(
                                          Unpooled.copiedBuffer(
                                              "raw bytes", StandardCharsets.UTF_8)));
                                }
                              }

                              @Override
                              protected void channelRead0(
                                  ChannelHandlerContext context, BinaryWebSocketFrame frame) {
                                echoed.append(frame.content().toString(StandardCharsets.UTF_8));
                              }
                            });
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .syncUninterruptibly()
            .channel();
    return client;
  }

  private static ByteBuffer channel(int number, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put((byte) number).put(bytes).flip();
  }

  private Channel serve(URI address) {
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(),
                        new HttpObjectAggregator(1 << 16),
                        new SimpleChannelInboundHandler<FullHttpRequest>() {
                          @Override
                          protected void channelRead0(
                              ChannelHandlerContext context, FullHttpRequest request) {
                            if (request.uri().startsWith("/portForward")) {
                              Bridge.joinPorts(context, request, address);
                            } else {
                              Bridge.join(
                                  context,
                                  request,
                                  address,
                                  new RemoteStreams(true, true, true, false));
                            }
                          }
                        });
              }
            })
        .bind(InetAddress.getLoopbackAddress(), 0)
        .syncUninterruptibly()
        .channel();
  }

  /** Collects what comes, by channel byte. */
  private static final class Messages implements WebSocket.Listener {
    private final ByteArrayOutputStream[] bytes = new ByteArrayOutputStream[256];
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> close = new CompletableFuture<>();
    private volatile boolean greeted;

    @Override
    public synchronized CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer data, boolean last) {
      byte[] piece = new byte[data.remaining()];
      data.get(piece);
      message.writeBytes(piece);
      if (last) {
        byte[] whole = message.toByteArray();
        message.reset();
        if (whole.length == 1) {
          greeted = true;
        }
        int number = whole[0] & 0xff;
        if (bytes[number] == null) {
          bytes[number] = new ByteArrayOutputStream();
        }
        bytes[number].write(whole, 1, whole.length - 1);
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      close.complete(code);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      close.completeExceptionally(error);
    }

    int closed() throws Exception {
      return close.get(LIMIT, TimeUnit.SECONDS);
    }

    synchronized String text(int number) {
      return bytes[number].toString(StandardCharsets.UTF_8);
    }
  }
}
