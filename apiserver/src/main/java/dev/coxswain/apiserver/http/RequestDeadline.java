package dev.coxswain.apiserver.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection or stream whose client sends its requests too slowly, or none at all. How
 * long the answer takes is not its affair.
 */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class RequestDeadline extends ChannelDuplexHandler {
  /** From the handshake to the end of the first request's headers. */
  static final Duration FIRST = Duration.ofSeconds(32);

  /** From one answer to the end of the next request's headers. */
  static final Duration NEXT = Duration.ofSeconds(90);

  /** From the headers to the end of the body. */
  static final Duration BODY = Duration.ofSeconds(60);

  private static final Logger log = LoggerFactory.getLogger(RequestDeadline.class);

  private @Nullable Future<?> pending;
  private int unanswered;

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    expect(context, FIRST, "no request");
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    cancel();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    cancel();
    super.channelInactive(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpRequest) {
      unanswered++;
      expect(context, BODY, "no end of the request");
    }
    if (message instanceof LastHttpContent) {
      cancel();
    }
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    super.write(context, message, promise);
    if (message instanceof LastHttpContent && !interim(message)) {
      unanswered--;
      if (unanswered == 0 && pending == null) {
        expect(context, NEXT, "no further request");
      }
    }
  }

  /** Whether an answer only says that another will follow. */
  static boolean interim(Object message) {
    return message instanceof HttpResponse response
        && response.status().code() == HttpResponseStatus.CONTINUE.code();
  }

  private void expect(ChannelHandlerContext context, Duration limit, String missing) {
    cancel();
    pending =
        context
            .executor()
            .schedule(
                () -> {
                  log.debug("{}: {} within {}", context.channel(), missing, limit);
                  context.close();
                },
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void cancel() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }
}
