package dev.coxswain.kubelet.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;

/** A body of unknown length, written by a blocking thread as fast as the client reads. */
@SuppressWarnings("FutureReturnValueIgnored")
final class StreamedBody extends OutputStream {
  private static final int BUFFER_BYTES = 32 * 1024;

  /** A client that takes nothing for so long is gone. */
  private static final long STALLED_SECONDS = 60;

  private final Channel channel;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int filled;

  private StreamedBody(Channel channel) {
    this.channel = channel;
  }

  /** A response with chunks; the connection may carry the next request after it. */
  static StreamedBody chunked(Channel channel, String contentType) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    channel.writeAndFlush(head);
    return new StreamedBody(channel);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int part = Math.min(length - done, buffer.length - filled);
      System.arraycopy(bytes, offset + done, buffer, filled, part);
      filled += part;
      done += part;
      if (filled == buffer.length) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (!channel.isActive()) {
      throw new IOException("the client hung up");
    }
    if (filled > 0) {
      ByteBuf chunk = Unpooled.copiedBuffer(buffer, 0, filled);
      filled = 0;
      ChannelFuture written = channel.writeAndFlush(new DefaultHttpContent(chunk));
      if (!written.awaitUninterruptibly(STALLED_SECONDS, TimeUnit.SECONDS)) {
        channel.close();
        throw new IOException("the client reads nothing");
      }
      if (!written.isSuccess()) {
        throw new IOException("the client hung up", written.cause());
      }
    }
  }

  /** Ends the body. */
  @Override
  public void close() throws IOException {
    flush();
    channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
  }
}
