package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.request.ApiRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands a connection that changes its protocol on, byte for byte, once the other side has agreed to
 * the change. A refusal is handed on as the one answer that it is: an HTTP connection that stayed
 * joined to a kubelet would carry the client's next request there under this server's name. The
 * other side has seen the request by then, so it is not sent again.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class Tunnel {
  /** The longest head of an answer, in bytes. */
  private static final int MAX_HEAD = 64 << 10;

  private Tunnel() {}

  /**
   * Opens a tunnel, or hands the refusal on and returns when that is complete.
   *
   * @throws ApiException where the other side cannot be reached, or says nothing
   */
  static void open(BackendClient client, Target target, ApiRequest request, Passing passing)
      throws InterruptedException {
    Head head = new Head();
    Pipe fromBackend = new Pipe();
    Channel backend = client.connect(target, () -> new ChannelHandler[] {head, fromBackend});
    AtomicBoolean joined = new AtomicBoolean();
    request
        .exchange()
        .onClosed(() -> {
          if (!joined.get()) {
            backend.close();
          }
        });
    try {
      backend.writeAndFlush(
          Unpooled.wrappedBuffer(
              requestHead(target, request.http(), passing), request.http().body()));
      byte[] answer = head.await(target);
      if (!isSwitch(answer)) {
        Relay relay = new Relay(request, passing);
        backend
            .eventLoop()
            .execute(() -> relay(backend, head, fromBackend, answer, request, relay));
        Forward.await(relay, backend, target, request);
        return;
      }
      joined.set(true);
      Pipe fromClient = new Pipe();
      fromClient.to(backend);
      Channel front = request.exchange().takeOver(fromClient);
      fromBackend.to(front);
      front.writeAndFlush(Unpooled.wrappedBuffer(answer));
      backend.eventLoop().execute(() -> backend.pipeline().remove(head));
      backend.config().setAutoRead(true);
      front.config().setAutoRead(true);
      if (!front.isActive()) {
        backend.close();
      }
      if (!backend.isActive()) {
        front.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    } finally {
      if (!joined.get()) {
        backend.close();
      }
    }
  }

  /** Reads what follows as the rest of an answer in HTTP. */
  private static void relay(
      Channel backend, Head head, Pipe pipe, byte[] begun, ApiRequest request, Relay relay) {
    boolean bodiless = request.http().method().equals("HEAD");
    HttpResponseDecoder decoder =
        new HttpResponseDecoder() {
          @Override
          protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return bodiless || super.isContentAlwaysEmpty(message);
          }
        };
    ChannelPipeline pipeline = backend.pipeline();
    if (pipeline.context(head) == null) {
      // It was closed, and its handlers are gone.
      relay.done().completeExceptionally(new IllegalStateException("the connection was closed"));
      return;
    }
    pipeline.replace(pipe, null, decoder);
    pipeline.addLast(relay);
    pipeline.context(head).fireChannelRead(Unpooled.wrappedBuffer(begun));
    boolean over = !backend.isActive();
    // Hands on what it has held back.
    pipeline.remove(head);
    if (over) {
      pipeline.fireChannelInactive();
    }
    backend.config().setAutoRead(true);
  }

  private static byte[] requestHead(Target target, HttpRequest request, Passing passing) {
    StringBuilder head = new StringBuilder();
    head.append(request.method()).append(' ').append(target.uri()).append(" HTTP/1.1\r\n");
    passing.added(target, request).forEach(header -> line(head, header));
    for (Map.Entry<String, String> header : request.headers()) {
      if (passing.handsOn(header.getKey())) {
        line(head, header);
      }
    }
    head.append("\r\n");
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void line(StringBuilder head, Map.Entry<String, String> header) {
    head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
  }

  private static boolean isSwitch(byte[] head) {
    String line = new String(head, 0, Math.min(head.length, 16), StandardCharsets.ISO_8859_1);
    return line.startsWith("HTTP/1.1 101");
  }

  /** Waits for the end of the answer's head and holds everything after it back. */
  private static final class Head extends ByteToMessageDecoder {
    private final CompletableFuture<byte[]> found = new CompletableFuture<>();

    byte[] await(Target target) throws InterruptedException {
      try {
        return found.get();
      } catch (ExecutionException e) {
        throw Forward.unreached(target, e);
      }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (found.isDone()) {
        return;
      }
      int end = headEnd(in);
      if (end > 0) {
        // What follows stays here until this handler is removed, when the tunnel is ready for it.
        context.channel().config().setAutoRead(false);
        byte[] head = new byte[end];
        in.readBytes(head);
        found.complete(head);
      } else if (in.readableBytes() > MAX_HEAD) {
        context.close();
      }
    }

    private static int headEnd(ByteBuf in) {
      for (int i = in.readerIndex(); i + 3 < in.writerIndex(); i++) {
        if (in.getByte(i) == '\r'
            && in.getByte(i + 1) == '\n'
            && in.getByte(i + 2) == '\r'
            && in.getByte(i + 3) == '\n') {
          return i + 4 - in.readerIndex();
        }
      }
      return -1;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      found.completeExceptionally(new IllegalStateException("the connection was closed"));
      super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      found.completeExceptionally(cause);
      context.close();
    }
  }
}
