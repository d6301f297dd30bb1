package dev.coxswain.kubelet.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the connections on which nothing complete has been asked: each is closed after a while,
 * and where there are many, the one that has been quiet for longest. Every pod of the node reaches
 * this port, and could otherwise use up the kubelet's descriptors. How long an answer takes is not
 * its affair, nor is a connection that was upgraded, which loses this handler with the others of
 * HTTP. All connections belong to one event loop.
 */
final class QuietConnections {
  /** From the beginning, or an answer, to the end of the next request; as upstream's. */
  static final Duration LONGEST = Duration.ofSeconds(90);

  /** How many are quiet at a time. */
  static final int MOST = 512;

  private final SequencedSet<Channel> quiet = new LinkedHashSet<>();

  /** What looks after one connection; it stands right behind the codec. */
  ChannelHandler handler() {
    return new Watch();
  }

  // A write that fails closes the channel, and that is what everybody here listens to.
  @SuppressWarnings("FutureReturnValueIgnored")
  private final class Watch extends ChannelDuplexHandler {
    private @Nullable Future<?> end;
    private int unanswered;

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      await(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      stop(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      if (message instanceof LastHttpContent) {
        unanswered++;
        stop(context);
      }
      super.channelRead(context, message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
        throws Exception {
      super.write(context, message, promise);
      boolean interim =
          message instanceof HttpResponse response
              && response.status().code() == HttpResponseStatus.CONTINUE.code();
      if (message instanceof LastHttpContent && !interim && unanswered > 0) {
        unanswered--;
        if (unanswered == 0) {
          await(context);
        }
      }
    }

    private void await(ChannelHandlerContext context) {
      Channel channel = context.channel();
      quiet.addLast(channel);
      end =
          context
              .executor()
              .schedule(() -> context.close(), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
      if (quiet.size() > MOST) {
        quiet.removeFirst().close();
      }
    }

    private void stop(ChannelHandlerContext context) {
      quiet.remove(context.channel());
      if (end != null) {
        end.cancel(false);
        end = null;
      }
    }
  }
}
