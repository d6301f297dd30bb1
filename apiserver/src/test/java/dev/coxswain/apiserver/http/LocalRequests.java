package dev.coxswain.apiserver.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Requests that are handed to a handler without a network. */
public final class LocalRequests {
  /** Nobody runs what an answer leaves for later: up to 192 KiB are sent at once. */
  private static final WriteBufferWaterMark ROOM = new WriteBufferWaterMark(256 << 10, 512 << 10);

  private LocalRequests() {}

  /**
   * An answer.
   *
   * @param status the status code; 0 where there was none
   * @param headers the first of each name, in lower case
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Reply(
      int status, byte[] bytes, List<String> warnings, Map<String, String> headers) {
    /** The body as a text. */
    public String body() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** Sends a request and waits for its answer. */
  public static Reply send(
      RequestHandler handler, String method, String uri, Map<String, String> headers, byte[] body)
      throws InterruptedException {
    return send(new StreamGate(null), handler, method, uri, headers, body);
  }

  /** Sends a request on a connection on which another protocol could be spoken. */
  public static Reply sendUpgradable(
      RequestHandler handler, String method, String uri, Map<String, String> headers, byte[] body)
      throws InterruptedException {
    StreamGate gate =
        new StreamGate(successor -> {
          throw new AssertionError(successor);
        });
    return send(gate, handler, method, uri, headers, body);
  }

  private static Reply send(
      StreamGate gate,
      RequestHandler handler,
      String method,
      String uri,
      Map<String, String> headers,
      byte[] body)
      throws InterruptedException {
    HttpHeaders sent = new DefaultHttpHeaders();
    headers.forEach(sent::add);
    HttpRequest request =
        new HttpRequest(
            method,
            uri,
            sent,
            body,
            new HttpRequest.Connection("local:0", "HTTP/1.1", PeerIdentity.NONE));
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setWriteBufferWaterMark(ROOM);
    try {
      handler.handle(
          new Exchange(channel, request, gate, new Turns(channel.eventLoop()), Map.of()));
      // A stream writes what it has at once in a task of its own.
      channel.runPendingTasks();
      return read(channel);
    } finally {
      gate.close();
      channel.finishAndReleaseAll();
    }
  }

  private static Reply read(EmbeddedChannel channel) {
    int status = 0;
    List<String> warnings = List.of();
    Map<String, String> headers = new HashMap<>();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Object sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
      if (sent instanceof HttpResponse response) {
        status = response.status().code();
        warnings = List.copyOf(response.headers().getAll(WarningHeader.NAME));
        response
            .headers()
            .forEach(header ->
                headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
      }
      if (sent instanceof HttpContent content) {
        body.writeBytes(ByteBufUtil.getBytes(content.content()));
      }
      ReferenceCountUtil.release(sent);
    }
    return new Reply(status, body.toByteArray(), warnings, headers);
  }
}
