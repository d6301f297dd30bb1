package dev.coxswain.apiserver.connect;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a tunnel: hands what arrives on its channel to the peer's, and reads no faster
 * than the peer takes it in. When one side ends, the other ends after what is still under way.
 *
 * <p>The two channels live on event loops of their own. Whether one is read is decided on its own
 * loop alone: were it decided on both, the peer's word that it takes more could come between the
 * look at the peer and the pause that follows from it, and nothing would end that pause.
 */
// A write that fails closes its channel, which closes the other.
@SuppressWarnings("FutureReturnValueIgnored")
final class Pipe extends ChannelInboundHandlerAdapter {
  private volatile @Nullable Channel peer;

  /** Says where to; what arrives before is an error of the caller, who must not read so early. */
  void to(Channel channel) {
    peer = channel;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel target = peer;
    if (target == null) {
      ReferenceCountUtil.release(message);
      context.close();
      return;
    }
    target.write(message);
    if (!target.isWritable()) {
      context.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    Channel target = peer;
    if (target != null) {
      target.flush();
      if (!target.isWritable()) {
        context.channel().config().setAutoRead(false);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    Channel source = peer;
    if (source != null) {
      Channel target = context.channel();
      source.eventLoop().execute(() -> source.config().setAutoRead(target.isWritable()));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Channel target = peer;
    if (target != null && target.isActive()) {
      target.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
