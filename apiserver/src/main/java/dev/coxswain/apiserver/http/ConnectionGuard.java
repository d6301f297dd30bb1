package dev.coxswain.apiserver.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Closes an HTTP/2 connection that breaks; its streams learn of it by their own end. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
  private final ServerContext server;

  ConnectionGuard(ServerContext server) {
    this.server = server;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    server.connectionFailed(context.channel(), cause);
    context.close();
  }
}
