package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
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
      close(channel);
    }
  },
  /** Each piece as a binary message of WebSocket. */
  BINARY {
    @Override
    Object piece(ByteBuf bytes) {
      return new BinaryWebSocketFrame(bytes);
    }

    @Override
    void end(Channel channel) {
      close(channel);
    }
  },
  /** Each piece in base 64 as a text message of WebSocket, for who cannot read binary ones. */
  BASE64 {
    @Override
    Object piece(ByteBuf bytes) {
      try {
        return new TextWebSocketFrame(Base64.encode(bytes, false));
      } finally {
        bytes.release();
      }
    }

    @Override
    void end(Channel channel) {
      close(channel);
    }
  };

  abstract Object piece(ByteBuf bytes);

  abstract void end(Channel channel);

  private static void close(Channel channel) {
    channel
        .writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
        .addListener(ChannelFutureListener.CLOSE);
  }
}
