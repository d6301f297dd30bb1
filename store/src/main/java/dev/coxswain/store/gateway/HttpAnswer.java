package dev.coxswain.store.gateway;

import dev.coxswain.api.json.Json;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What one request is answered: a tree of JSON, or lines of them while they come. */
final class HttpAnswer {
  private static final ByteBuf NEWLINE =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("\n", StandardCharsets.US_ASCII).asReadOnly());

  private final ChannelHandlerContext connection;
  private final boolean keepAlive;
  private final Runnable done;

  /** Touched by the event loop only, as what follows. */
  private @Nullable JsonNode kept;

  private boolean begun;
  private boolean over;

  /**
   * An answer to come.
   *
   * @param done what is run on the event loop when it has been given
   */
  HttpAnswer(ChannelHandlerContext connection, boolean keepAlive, Runnable done) {
    this.connection = connection;
    this.keepAlive = keepAlive;
    this.done = done;
  }

  /** Runs something on the connection's event loop, in the order in which it is asked for. */
  void onLoop(Runnable work) {
    if (connection.executor().inEventLoop()) {
      work.run();
    } else {
      connection.executor().execute(work);
    }
  }

  boolean writable() {
    return connection.channel().isWritable();
  }

  /** Keeps the only message until the answer ends. */
  void keep(JsonNode json) {
    onLoop(() -> kept = json);
  }

  /** Sends a line now. */
  void line(JsonNode json) {
    ByteBuf bytes = Unpooled.wrappedBuffer(Json.bytes(json));
    onLoop(() -> {
      if (over) {
        bytes.release();
        return;
      }
      begin();
      ByteBuf line = Unpooled.wrappedBuffer(bytes, NEWLINE.duplicate());
      var _ = connection.writeAndFlush(new DefaultHttpContent(line));
    });
  }

  private void begin() {
    if (begun) {
      return;
    }
    begun = true;
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    HttpUtil.setKeepAlive(head, keepAlive);
    var _ = connection.write(head);
  }

  /** Ends the answer: all went well. */
  void end() {
    onLoop(() -> {
      JsonNode only = kept;
      if (begun || only == null) {
        begin();
        finish(LastHttpContent.EMPTY_LAST_CONTENT);
      } else {
        finish(whole(HttpResponseStatus.OK, only));
      }
    });
  }

  /** Ends the answer with a failure; the status is told where nothing has been sent yet. */
  void fail(HttpResponseStatus status, JsonNode json) {
    onLoop(() -> {
      if (begun) {
        line(json);
        finish(LastHttpContent.EMPTY_LAST_CONTENT);
      } else {
        finish(whole(status, json));
      }
    });
  }

  private FullHttpResponse whole(HttpResponseStatus status, JsonNode json) {
    ByteBuf body = Unpooled.wrappedBuffer(Json.bytes(json));
    FullHttpResponse whole = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    whole
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    HttpUtil.setKeepAlive(whole, keepAlive);
    return whole;
  }

  private void finish(Object last) {
    if (over) {
      return;
    }
    over = true;
    ChannelFuture written = connection.writeAndFlush(last);
    if (!keepAlive) {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    }
    done.run();
  }
}
