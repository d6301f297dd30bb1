package dev.coxswain.kubelet.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Carries bytes from one connection to another without looking into them: a SPDY client's as they
 * are, a tunnelling WebSocket client's as the payload of binary messages. Reads only as fast as the
 * other end takes it, and ends when either end does.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class Relay extends ChannelInboundHandlerAdapter {
  private final Channel other;
  private final boolean wrap;

  private Relay(Channel other, boolean wrap) {
    this.other = other;
    this.wrap = wrap;
  }

  /** Whatever comes here goes there as it is; WebSocket messages are unwrapped. */
  static Relay raw(Channel other) {
    return new Relay(other, false);
  }

  /** Whatever comes here goes there as binary messages. */
  static Relay wrapping(Channel other) {
    return new Relay(other, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    switch (message) {
      case ByteBuf bytes -> pass(context, wrap ? new BinaryWebSocketFrame(bytes) : bytes);
      case BinaryWebSocketFrame frame -> pass(context, frame.content());
      case ContinuationWebSocketFrame frame -> pass(context, frame.content());
      case PingWebSocketFrame ping ->
          context
              .writeAndFlush(new PongWebSocketFrame(ping.content()))
              .addListener(Bridge.closeOnFailure(context.channel()));
      case CloseWebSocketFrame close -> {
        close.release();
        context.close();
      }
      case WebSocketFrame frame -> frame.release();
      default -> ReferenceCountUtil.release(message);
    }
  }

  private void pass(ChannelHandlerContext context, Object message) {
    other.write(message).addListener(Bridge.closeOnFailure(context.channel()));
    context.channel().config().setAutoRead(other.isWritable());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    other.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    other.config().setAutoRead(context.channel().isWritable());
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Object farewell =
        wrap ? new CloseWebSocketFrame(1000, "") : io.netty.buffer.Unpooled.EMPTY_BUFFER;
    other.writeAndFlush(farewell).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
