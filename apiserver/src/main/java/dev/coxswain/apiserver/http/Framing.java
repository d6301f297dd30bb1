package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;

/** How the pieces of a stream go over the wire. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
enum Framing {
  /** As a body of unknown length. */
  BODY {
    @Override
    Object piece(ByteBuf bytes) {
      return new DefaultHttpContent(bytes);
    }

    @Override
    void end(Channel channel) {
      channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  },
  /** Each piece as a text message of WebSocket. */
  MESSAGES {
    @Override
    Object piece(ByteBuf bytes) {
      return new TextWebSocketFrame(bytes);
    }

    @Override
    void end(Channel channel) {
      channel
          .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
          .addListener(ChannelFutureListener.CLOSE);
    }
  };

  abstract Object piece(ByteBuf bytes);

  abstract void end(Channel channel);
}
