package dev.coxswain.apiserver.connect;

import dev.coxswain.apiserver.http.BodyBudget;
import dev.coxswain.runtime.time.Time;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Asks others over HTTP/1.1 and reads the whole answer; keeps connections for the next call. */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
public final class Caller {
  /** Most bytes that are taken as an answer. */
  private static final int MAXIMUM_ANSWER = 32 << 20;

  /** Most bytes of all answers at once, from their first byte until they have been read. */
  private static final int MAXIMUM_ANSWERS = 96 << 20;

  /** Most connections to one peer that are kept while nobody uses them. */
  private static final int MAXIMUM_IDLE = 8;

  /** How long a connection is kept while nobody uses it, in seconds. */
  private static final int IDLE_SECONDS = 30;

  private final BackendClient backends;
  private final Time time;
  private final BodyBudget answers;
  private final Map<Place, ArrayDeque<Channel>> idle = new HashMap<>();

  private record Place(String scheme, String host, int port, Peer peer) {}

  /** Connects through this client. */
  public Caller(BackendClient backends, Time time) {
    this(backends, time, new BodyBudget(MAXIMUM_ANSWERS));
  }

  Caller(BackendClient backends, Time time, BodyBudget answers) {
    this.backends = backends;
    this.time = time;
    this.answers = answers;
  }

  /**
   * What is asked.
   *
   * @param method the HTTP method
   * @param host the Host header
   * @param headers further headers
   * @param body empty for none
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  public record Call(String method, String host, Map<String, String> headers, byte[] body) {}

  /**
   * What came back. It counts among the answers that are in memory until it is closed.
   *
   * @param share gives back its part of what all answers may hold
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  public record Reply(int status, String contentType, byte[] body, Runnable share)
      implements AutoCloseable {
    @Override
    public void close() {
      share.run();
    }
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param timeout how long it may take in all
   * @throws IOException where none came; the message says why
   */
  public Reply call(Target target, Call call, Duration timeout)
      throws IOException, InterruptedException {
    long deadline = time.nanos() + timeout.toNanos();
    Place place = new Place(target.scheme(), target.host(), target.port(), target.peer());
    Channel kept = take(place);
    if (kept != null) {
      try {
        return exchange(place, kept, target, call, deadline);
      } catch (ClosedException e) {
        // The other side let go of the connection while it lay here, and has not seen the call.
      }
    }
    Channel channel =
        backends.dial(
            target,
            () ->
                new ChannelHandler[] {
                  new IdleStateHandler(0, 0, IDLE_SECONDS),
                  new HttpClientCodec(),
                  new AnswerGuard(answers),
                  new HttpObjectAggregator(MAXIMUM_ANSWER),
                  new Conversation()
                },
            left(deadline));
    try {
      return exchange(place, channel, target, call, deadline);
    } catch (ClosedException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private Duration left(long deadline) throws IOException {
    long left = deadline - time.nanos();
    if (left <= 0) {
      throw late();
    }
    return Duration.ofNanos(left);
  }

  private static IOException late() {
    return new IOException("context deadline exceeded");
  }

  private Reply exchange(Place place, Channel channel, Target target, Call call, long deadline)
      throws IOException, InterruptedException {
    Conversation conversation = channel.pipeline().get(Conversation.class);
    CompletableFuture<FullReply> answer = new CompletableFuture<>();
    boolean reusable = false;
    boolean taken = false;
    try {
      if (conversation == null || !conversation.begin(answer)) {
        throw new ClosedException("EOF");
      }
      channel.writeAndFlush(request(target, call));
      if (!channel.isActive()) {
        throw new ClosedException("EOF");
      }
      FullReply reply = answer.get(left(deadline).toNanos(), TimeUnit.NANOSECONDS);
      reusable = reply.keepAlive();
      taken = true;
      return reply.reply();
    } catch (TimeoutException e) {
      throw late();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(String.valueOf(e.getCause()), e);
    } finally {
      if (!taken) {
        // It may come at the very moment at which nobody waits for it any more.
        answer.thenAccept(late -> late.reply().close());
      }
      if (reusable) {
        give(place, channel);
      } else {
        channel.close();
      }
    }
  }

  private static DefaultFullHttpRequest request(Target target, Call call) {
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(call.method()),
            target.uri(),
            Unpooled.wrappedBuffer(call.body()));
    call.headers().forEach(request.headers()::set);
    request.headers().set(HttpHeaderNames.HOST, call.host());
    if (call.body().length > 0) {
      request.headers().set(HttpHeaderNames.CONTENT_LENGTH, call.body().length);
    }
    return request;
  }

  private synchronized @Nullable Channel take(Place place) {
    ArrayDeque<Channel> channels = idle.get(place);
    if (channels == null) {
      return null;
    }
    Channel found = null;
    while (found == null && !channels.isEmpty()) {
      // The one that was used last is the least likely to have been let go of.
      Channel candidate = channels.pollLast();
      found = candidate != null && candidate.isActive() ? candidate : null;
    }
    if (channels.isEmpty()) {
      idle.remove(place);
    }
    return found;
  }

  private synchronized void give(Place place, Channel channel) {
    ArrayDeque<Channel> channels = idle.computeIfAbsent(place, _ -> new ArrayDeque<>());
    channels.removeIf(kept -> !kept.isActive());
    if (channels.size() == MAXIMUM_IDLE) {
      channel.close();
      return;
    }
    channels.add(channel);
    channel.closeFuture().addListener(_ -> forget(place, channel));
  }

  private synchronized void forget(Place place, Channel channel) {
    ArrayDeque<Channel> channels = idle.get(place);
    if (channels != null) {
      channels.remove(channel);
      if (channels.isEmpty()) {
        idle.remove(place);
      }
    }
  }

  /** The connection ended before any of the answer came. */
  private static final class ClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    ClosedException(String message) {
      super(message);
    }
  }

  private record FullReply(Reply reply, boolean keepAlive) {}

  /** One connection's end here: one call at a time waits for its answer. */
  private static final class Conversation extends SimpleChannelInboundHandler<FullHttpResponse> {
    private final AtomicReference<@Nullable CompletableFuture<FullReply>> waiting =
        new AtomicReference<>();

    boolean begin(CompletableFuture<FullReply> answer) {
      return waiting.compareAndSet(null, answer);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      CompletableFuture<FullReply> answer = waiting.getAndSet(null);
      if (answer == null) {
        context.close();
        return;
      }
      AnswerShare share = context.pipeline().get(AnswerGuard.class).handOver();
      Throwable damage = response.decoderResult().cause();
      if (damage != null) {
        share.close();
        answer.completeExceptionally(new IOException("malformed HTTP response", damage));
        return;
      }
      answer.complete(
          new FullReply(
              new Reply(
                  response.status().code(),
                  response.headers().get(HttpHeaderNames.CONTENT_TYPE, ""),
                  ByteBufUtil.getBytes(response.content()),
                  share::close),
              HttpUtil.isKeepAlive(response)));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (event instanceof IdleStateEvent) {
        if (waiting.get() == null) {
          context.close();
        }
        return;
      }
      super.userEventTriggered(context, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(new ClosedException("EOF"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof AnswerShare.ExhaustedException) {
        fail(new IOException(cause.getMessage(), cause));
        context.close();
        return;
      }
      if (cause instanceof TooLongFrameException) {
        fail(new IOException("the answer is larger than " + MAXIMUM_ANSWER + " bytes"));
        context.close();
        return;
      }
      String message = String.valueOf(cause.getMessage());
      // What the socket says is about the connection, not about the answer.
      fail(
          cause instanceof IOException
              ? new ClosedException("read: " + message)
              : new IOException(message, cause));
      context.close();
    }

    private void fail(IOException failure) {
      CompletableFuture<FullReply> answer = waiting.getAndSet(null);
      if (answer != null) {
        answer.completeExceptionally(failure);
      }
    }
  }
}
