package dev.coxswain.apiserver.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/2 connection that has no stream, and had none since it was last looked at: be it
 * idle, or sending headers that never end.
 */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class UnusedConnection extends ChannelInboundHandlerAdapter {
  private final Http2Connection connection;
  private int lastStream;
  private @Nullable Future<?> watch;

  UnusedConnection(Http2Connection connection) {
    this.connection = connection;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    long period = RequestDeadline.NEXT.toMillis();
    watch =
        context
            .executor()
            .scheduleAtFixedRate(() -> look(context), period, period, TimeUnit.MILLISECONDS);
  }

  private void look(ChannelHandlerContext context) {
    int last = connection.remote().lastStreamCreated();
    if (connection.numActiveStreams() == 0 && last == lastStream) {
      context.close();
    }
    lastStream = last;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (watch != null) {
      watch.cancel(false);
    }
  }
}
