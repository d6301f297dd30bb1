package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Refuses bodies before they fill the memory, which is before anybody could be asked who he is. The
 * answer is sent at once; what still comes of the body is thrown away for a moment, so that the
 * client gets to read it, and then the connection or stream is closed.
 */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class BodyGuard extends ChannelDuplexHandler {
  /** The largest body that is taken, in bytes: upstream's limit. */
  static final int MAX_BODY = 3 << 20;

  /** The largest body from who shows neither certificate nor token, in bytes. */
  static final int MAX_BODY_OF_NOBODY = 64 << 10;

  private static final Duration LINGER = Duration.ofSeconds(2);

  private final BodyBudget budget;
  private final BooleanSupplier certified;
  private final Function<Refusal, Answer> answers;
  private boolean known;
  private boolean refused;
  private long received;
  private long held;
  private int unanswered;

  /**
   * Guards one connection or stream.
   *
   * @param certified whether the peer showed a certificate
   * @param answers what is said to whom is refused
   */
  BodyGuard(BodyBudget budget, BooleanSupplier certified, Function<Refusal, Answer> answers) {
    this.budget = budget;
    this.certified = certified;
    this.answers = answers;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      known = certified.getAsBoolean() || request.headers().contains("Authorization");
      received = 0;
      unanswered++;
      // Where the lengths contradict each other the request is answered as what it is: malformed.
      if (request.decoderResult().isSuccess()
          && !within(context, HttpUtil.getContentLength(request, 0L))) {
        ReferenceCountUtil.release(message);
        return;
      }
    }
    if (message instanceof HttpContent content) {
      int length = content.content().readableBytes();
      received += length;
      if (!within(context, received) || !taken(context, length)) {
        ReferenceCountUtil.release(message);
        return;
      }
    }
    super.channelRead(context, message);
  }

  private boolean within(ChannelHandlerContext context, long length) {
    if (length > MAX_BODY) {
      refuse(context, Refusal.TOO_LARGE);
    } else if (length > MAX_BODY_OF_NOBODY && !known) {
      refuse(context, Refusal.NOBODYS);
    }
    return !refused;
  }

  private boolean taken(ChannelHandlerContext context, int length) {
    if (!budget.take(length)) {
      refuse(context, Refusal.TOO_MUCH_AT_ONCE);
      return false;
    }
    held += length;
    return true;
  }

  private void refuse(ChannelHandlerContext context, Refusal refusal) {
    refused = true;
    giveBack();
    if (unanswered > 1) {
      // The client sent ahead, and the answer to an earlier request is not complete.
      context.close();
      return;
    }
    Answer answer = answers.apply(refusal);
    ByteBuf body = Unpooled.buffer();
    answer.body().forEach(body::writeBytes);
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    answer.headers().forEach((name, values) -> response.headers().set(name, values));
    context.writeAndFlush(response);
    context.executor().schedule(() -> context.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    super.write(context, message, promise);
    if (message instanceof LastHttpContent && !RequestDeadline.interim(message)) {
      unanswered--;
      giveBack();
    }
  }

  private void giveBack() {
    budget.giveBack(held);
    held = 0;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    giveBack();
  }
}
