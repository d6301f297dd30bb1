package dev.coxswain.apiserver.http;

import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One request and its one answer. Any thread may answer; large answers block it for the client. */
// A write that fails closes the channel, and that is what everybody here listens to.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Exchange {
  /** Up to this size an answer is sent as one piece, in bytes. */
  private static final int SMALL = 64 << 10;

  /** In pieces of this size a compressed answer is sent, in bytes. */
  private static final int PIECE = 32 << 10;

  /**
   * How long a client may take to take a whole answer in: upstream's limit for a request. Who waits
   * for it keeps a seat and memory.
   */
  static final Duration LONGEST = Duration.ofSeconds(60);

  /** From this size on an answer is compressed for who accepts that, in bytes: upstream's. */
  private static final int WORTH_COMPRESSING = 128 << 10;

  private final Channel channel;
  private final HttpRequest request;
  private final StreamGate gate;
  private final Turns turns;
  private final Map<String, List<String>> commonHeaders;
  private final AtomicBoolean answered = new AtomicBoolean();
  private final AtomicInteger status = new AtomicInteger();
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
  private final Map<String, String> ownHeaders = new ConcurrentHashMap<>();
  private volatile AnswerListener listener = AnswerListener.NONE;

  Exchange(
      Channel channel,
      HttpRequest request,
      StreamGate gate,
      Turns turns,
      Map<String, List<String>> commonHeaders) {
    this.channel = channel;
    this.request = request;
    this.gate = gate;
    this.turns = turns;
    this.commonHeaders = commonHeaders;
  }

  /** What was asked. */
  public HttpRequest request() {
    return request;
  }

  /** Whether an answer has been begun. */
  public boolean answered() {
    return answered.get();
  }

  /** The status code of the answer; 0 before there is one. */
  public int status() {
    return status.get();
  }

  /** Has the answer, whatever it will be, say this too. */
  public void warn(String text) {
    warnings.add(WarningHeader.value(text));
  }

  /** Has the answer, whatever it will be, carry a header. */
  public void header(String name, String value) {
    ownHeaders.put(name, value);
  }

  /** Has a listener told of the answer. */
  public void listen(AnswerListener toBeTold) {
    listener = toBeTold;
  }

  /**
   * Sends the answer; does nothing when there already is one.
   *
   * @throws ClientGoneException when the client went away while it was sent
   */
  public void answer(Answer answer) throws InterruptedException {
    if (!answered.compareAndSet(false, true)) {
      return;
    }
    status.set(answer.status());
    try (var _ = RequestTrace.enter(Stage.AUDIT)) {
      listener.answering(answer);
    }
    try (var _ = RequestTrace.enter(Stage.SENDING)) {
      write(answer);
    }
  }

  private void write(Answer answer) throws InterruptedException {
    long length = answer.length();
    boolean head = request.method().equals("HEAD");
    if (length <= SMALL || head) {
      ByteBuf body = Unpooled.EMPTY_BUFFER;
      if (!head) {
        body = Unpooled.buffer((int) length, (int) Math.max(1, length));
        for (byte[] piece : answer.body()) {
          body.writeBytes(piece);
        }
      }
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), body);
      headers(response.headers(), answer.contentType(), answer.headers());
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
      channel.writeAndFlush(response);
      return;
    }
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()));
    headers(response.headers(), answer.contentType(), answer.headers());
    boolean compressed =
        length >= WORTH_COMPRESSING
            && !response.headers().contains(HttpHeaderNames.CONTENT_ENCODING)
            && request.acceptsGzip();
    if (compressed) {
      response.headers().set(HttpHeaderNames.CONTENT_ENCODING, "gzip");
      response.headers().set(HttpHeaderNames.VARY, "Accept-Encoding");
      HttpUtil.setTransferEncodingChunked(response, true);
    } else {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    channel.write(response);
    Future<?> tooSlow =
        channel
            .eventLoop()
            .schedule(() -> channel.close(), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    try {
      if (compressed) {
        compress(answer.body());
      } else {
        send(answer.body());
      }
    } catch (InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("an answer cannot be compressed", e);
    } finally {
      tooSlow.cancel(false);
    }
    channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  private void send(Iterable<byte[]> body) throws InterruptedException {
    try {
      new BodyPump(channel, gate, turns, body).send();
    } catch (InterruptedException | ClientGoneException e) {
      channel.close();
      throw e;
    }
  }

  private void compress(Iterable<byte[]> body) throws IOException {
    try (PieceStream pieces = new PieceStream(channel, gate, PIECE);
        FastGzip gzip = new FastGzip(pieces)) {
      for (byte[] piece : body) {
        gzip.write(piece);
      }
      gzip.finish();
      pieces.complete();
    }
  }

  /** Begins an answer of unknown length, such as a watch. */
  public ResponseStream open(int code, String contentType, Map<String, List<String>> headers) {
    if (!answered.compareAndSet(false, true)) {
      throw new IllegalStateException("answered already");
    }
    streaming(code);
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(code));
    headers(response.headers(), contentType, headers);
    HttpUtil.setTransferEncodingChunked(response, true);
    channel.writeAndFlush(response);
    return new ResponseStream(channel, gate, turns, Framing.BODY);
  }

  private void streaming(int code) {
    status.set(code);
    AnswerListener told = listener;
    told.streaming(code);
    gate.onClosed(told::over);
  }

  /** Whether the client asks for a stream of WebSocket messages, and can have one. */
  public boolean wantsMessages() {
    return gate.upgradable() && SocketPeer.wanted(request);
  }

  /** Begins an answer of messages, for who {@link #wantsMessages}. */
  public ResponseStream openMessages() {
    return openMessages("", Framing.MESSAGES);
  }

  /** Begins an answer of bytes in messages, for who {@link #wantsMessages}. */
  public ResponseStream openMessages(ByteProtocol protocol) {
    return openMessages(protocol.offered(request) ? protocol.text() : "", protocol.framing());
  }

  private ResponseStream openMessages(String protocol, Framing framing) {
    SocketPeer peer = new SocketPeer(gate);
    takeOver(peer);
    peer.begin(channel, request, protocol);
    return new ResponseStream(channel, gate, turns, framing);
  }

  private void headers(HttpHeaders target, String contentType, Map<String, List<String>> headers) {
    target.set("Cache-Control", "no-cache, private");
    commonHeaders.forEach(target::set);
    ownHeaders.forEach(target::set);
    if (!contentType.isEmpty()) {
      target.set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }
    headers.forEach(target::set);
    warnings.forEach(warning -> target.add(WarningHeader.NAME, warning));
  }

  /** Runs something once the client is gone or the exchange is over; at once when it already is. */
  public void onClosed(Runnable task) {
    gate.onClosed(task);
  }

  /** Whether another protocol can be spoken on this connection: it is HTTP/1.1. */
  public boolean upgradable() {
    return gate.upgradable();
  }

  /**
   * Takes the connection over for another protocol: HTTP is no longer spoken on it, what arrives
   * goes to the handler, and nothing is read until the channel's new owner says so.
   */
  public Channel takeOver(ChannelHandler handler) {
    if (!gate.upgradable() || !answered.compareAndSet(false, true)) {
      throw new IllegalStateException("the connection cannot be taken over");
    }
    streaming(HttpResponseStatus.SWITCHING_PROTOCOLS.code());
    gate.takeOver(handler);
    return channel;
  }

  /** Cuts the client off: what was sent so far is not whole. */
  public void abort() {
    channel.eventLoop().execute(() -> channel.close().addListener(ChannelFutureListener.CLOSE));
  }
}
