package dev.coxswain.apiserver.connect;

import dev.coxswain.apiserver.http.BodyBudget;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;

/** Counts what has come of an answer, so that all answers together stay within bounds. */
final class AnswerGuard extends ChannelInboundHandlerAdapter {
  private final BodyBudget budget;
  private AnswerShare share;

  AnswerGuard(BodyBudget budget) {
    this.budget = budget;
    this.share = new AnswerShare(budget);
  }

  /** What has been counted is the taker's now. */
  AnswerShare handOver() {
    AnswerShare handed = share;
    share = new AnswerShare(budget);
    return handed;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpContent content) {
      try {
        share.take(content.content().readableBytes());
      } catch (AnswerShare.ExhaustedException e) {
        ReferenceCountUtil.release(message);
        // Whoever hears of it may ask again at once.
        share.close();
        context.fireExceptionCaught(e);
        return;
      }
    }
    context.fireChannelRead(message);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    share.close();
  }
}
