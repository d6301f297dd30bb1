package dev.coxswain.apiserver.connect;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.ByteProtocol;
import dev.coxswain.apiserver.http.ResponseStream;
import dev.coxswain.apiserver.request.ApiRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** On the backend's event loop: copies its answer to the client. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class Relay extends SimpleChannelInboundHandler<HttpObject> {
  /** The largest page whose links are rewritten, in bytes; a larger one passes as it is. */
  private static final int MAXIMUM_PAGE = 4 << 20;

  /** How much of a failure's text is told, in bytes. */
  private static final int MAXIMUM_FAILURE = 50_000;

  private final ApiRequest request;
  private final Passing passing;
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();
  private @Nullable ResponseStream stream;

  /** A page, until it is whole. */
  private @Nullable ByteArrayOutputStream page;

  /** The status code of a failure that is told as a Status; 0 for none. */
  private int failure;

  private final ByteArrayOutputStream failureText = new ByteArrayOutputStream();

  Relay(ApiRequest request, Passing passing) {
    this.request = request;
    this.passing = passing;
  }

  /** Completed with the answer. */
  CompletableFuture<Boolean> done() {
    return done;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (message instanceof HttpResponse response) {
      begin(context, response);
    }
    if (message instanceof HttpContent content) {
      if (failure != 0) {
        collectFailure(content);
      } else {
        pass(context, content);
      }
    }
  }

  private void collectFailure(HttpContent content) {
    int room = MAXIMUM_FAILURE - failureText.size();
    copy(content, Math.min(room, content.content().readableBytes()), failureText);
    if (content instanceof LastHttpContent && passing instanceof Passing.Checked checked) {
      done.completeExceptionally(failed(checked));
    }
  }

  private static void copy(HttpContent content, int length, ByteArrayOutputStream to) {
    try {
      content.content().readBytes(to, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ApiException failed(Passing.Checked checked) {
    String text = failureText.toString(StandardCharsets.UTF_8).strip();
    StatusReason reason =
        switch (failure) {
          case 400 -> StatusReason.BAD_REQUEST;
          case 404 -> StatusReason.NOT_FOUND;
          case 403 -> StatusReason.FORBIDDEN;
          case 500 -> StatusReason.INTERNAL_ERROR;
          case 503 -> StatusReason.SERVICE_UNAVAILABLE;
          default -> StatusReason.UNKNOWN;
        };
    String message =
        reason == StatusReason.INTERNAL_ERROR ? "Internal error occurred: " + text : text;
    return new ApiException(
        new ApiStatus(
            failure,
            reason,
            message,
            new ApiStatus.Details(
                checked.name(),
                checked.resource().group(),
                checked.resource().resource(),
                "",
                List.of(),
                0)));
  }

  private void pass(ChannelHandlerContext context, HttpContent content) {
    ResponseStream target = stream;
    if (target == null) {
      return;
    }
    ByteArrayOutputStream whole = page;
    if (whole == null) {
      if (content.content().isReadable()) {
        target.write(content.content().retain());
      }
    } else {
      copy(content, content.content().readableBytes(), whole);
      if (whole.size() > MAXIMUM_PAGE) {
        target.write(whole.toByteArray());
        page = null;
      }
    }
    if (!target.writable()) {
      context.channel().config().setAutoRead(false);
    }
    if (content instanceof LastHttpContent) {
      if (page != null && passing instanceof Passing.Linked linked) {
        // Attributes are plain letters: whatever the page's encoding, its bytes come through.
        String html = page.toString(StandardCharsets.ISO_8859_1);
        target.write(linked.links().rewritePage(html).getBytes(StandardCharsets.ISO_8859_1));
      }
      target.end();
      done.complete(true);
    }
  }

  private void begin(ChannelHandlerContext context, HttpResponse response) {
    int code = response.status().code();
    if (passing instanceof Passing.Checked && (code < 200 || code > 206)) {
      failure = code;
      return;
    }
    if (passing instanceof Passing.Identified
        && code >= 300
        && code <= 399
        && response.headers().contains(HttpHeaderNames.LOCATION)) {
      refuseRedirect();
      context.close();
      return;
    }
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (String name : response.headers().names()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!Forward.HOP.contains(lower) && !lower.equals("content-type")) {
        headers.put(name, values(response, lower, name));
      }
    }
    String contentType = response.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    if (passing instanceof Passing.Linked
        && contentType.toLowerCase(Locale.ROOT).startsWith("text/html")
        && !response.headers().contains(HttpHeaderNames.CONTENT_ENCODING)) {
      page = new ByteArrayOutputStream();
    }
    ResponseStream opened = open(code, contentType, headers);
    // On the backend's own loop, where reading is paused, too; else a pause could overtake this.
    Channel backend = context.channel();
    opened.onWritable(
        () -> backend.eventLoop().execute(() -> backend.config().setAutoRead(opened.writable())));
    stream = opened;
  }

  private ResponseStream open(int code, String contentType, Map<String, List<String>> headers) {
    @Nullable ByteProtocol protocol =
        passing instanceof Passing.Checked checked ? checked.messages() : null;
    if (protocol == null) {
      return request.exchange().open(code, contentType, headers);
    }
    ResponseStream messages = request.exchange().openMessages(protocol);
    // An empty one says that it begins: the first line of a log may be long in coming.
    messages.write(new byte[0]);
    return messages;
  }

  /** A client that followed it would show its credentials wherever another server sends it. */
  private void refuseRedirect() {
    ResponseStream answer =
        request
            .exchange()
            .open(HttpResponseStatus.BAD_GATEWAY.code(), "text/plain; charset=utf-8", Map.of());
    answer.write(
        "the backend attempted to redirect this request, which is not permitted"
            .getBytes(StandardCharsets.US_ASCII));
    answer.end();
    done.complete(true);
  }

  private List<String> values(HttpResponse response, String lower, String name) {
    List<String> values = response.headers().getAll(name);
    return lower.equals("location") && passing instanceof Passing.Linked linked
        ? values.stream().map(linked.links()::rewrite).toList()
        : values;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    ResponseStream target = stream;
    if (target != null) {
      target.flush();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    done.completeExceptionally(new IllegalStateException("the connection was closed"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    done.completeExceptionally(cause);
    context.close();
  }
}
