package dev.coxswain.apiserver.connect;

import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.request.ApiRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Hands a connection that changes its protocol on, byte for byte, once the other side has agreed to
 * the change. A refusal is not handed on here: an HTTP connection that stayed joined to a kubelet
 * would carry the client's next request there under this server's name.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class Tunnel {
  /** The longest head of an answer, in bytes. */
  private static final int MAX_HEAD = 64 << 10;

  /** How long the other side may take to agree. */
  private static final long AGREE_SECONDS = 30;

  private Tunnel() {}

  /**
   * Opens a tunnel.
   *
   * @return whether the other side agreed; if not, nothing has been answered yet
   */
  static boolean open(BackendClient client, Target target, ApiRequest request, Passing passing)
      throws InterruptedException {
    Head head = new Head();
    Pipe fromBackend = new Pipe();
    Channel backend = client.connect(target, () -> new ChannelHandler[] {head, fromBackend});
    boolean joined = false;
    try {
      backend.writeAndFlush(Unpooled.wrappedBuffer(requestHead(target, request.http(), passing)));
      byte[] answer = head.await();
      if (!isSwitch(answer)) {
        return false;
      }
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
      joined = true;
      return true;
    } finally {
      if (!joined) {
        backend.close();
      }
    }
  }

  private static byte[] requestHead(Target target, HttpRequest request, Passing passing) {
    StringBuilder head = new StringBuilder();
    head.append(request.method()).append(' ').append(target.uri()).append(" HTTP/1.1\r\n");
    List<Map.Entry<String, String>> added = new ArrayList<>();
    if (passing instanceof Passing.Identified identified) {
      added.add(Map.entry("Host", identified.host()));
      added.addAll(identified.headers());
    } else {
      added.add(Map.entry("Host", target.host() + ":" + target.port()));
    }
    added.forEach(header ->
        head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n"));
    for (Map.Entry<String, String> header : request.headers()) {
      if (Target.handsOn(header.getKey())) {
        head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
      }
    }
    head.append("\r\n");
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isSwitch(byte[] head) {
    String line = new String(head, 0, Math.min(head.length, 16), StandardCharsets.ISO_8859_1);
    return line.startsWith("HTTP/1.1 101");
  }

  /** Waits for the end of the answer's head and holds everything after it back. */
  private static final class Head extends ByteToMessageDecoder {
    private final CompletableFuture<byte[]> found = new CompletableFuture<>();

    byte[] await() throws InterruptedException {
      try {
        return found.get(AGREE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        return new byte[0];
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
      found.completeExceptionally(new IllegalStateException("closed"));
      super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      found.completeExceptionally(cause);
      context.close();
    }
  }
}
