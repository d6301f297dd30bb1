package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** A watch over a response that stays open: one JSON object for each event. */
final class HttpWatch<T extends HasMetadata> implements Watch<T> {
  private static final Logger LOG = LoggerFactory.getLogger(HttpWatch.class);

  /**
   * A server that sends nothing for this long is taken for dead: it owes a bookmark about every
   * minute.
   */
  static final Duration IDLE_DEADLINE = Duration.ofSeconds(150);

  private final Class<T> type;
  private final InputStream body;

  /** Made by the first read: making it waits for the first bytes. */
  private @Nullable JsonParser parser;

  private final Time time;
  private volatile Time.Timer idleTimer;
  private volatile long heardNanos;
  private volatile boolean idle;
  private volatile boolean closed;

  HttpWatch(Class<T> type, InputStream body, Time time) {
    this.type = type;
    this.body = body;
    this.time = time;
    this.heardNanos = time.nanos();
    this.idleTimer = time.after(IDLE_DEADLINE, this::checkIdle);
  }

  @Override
  public @Nullable WatchEvent<T> next() {
    while (true) {
      try {
        JsonParser open = parser();
        JsonToken token = open.nextToken();
        if (token == null) {
          if (closed || idle) {
            throw broken("the watch was closed");
          }
          return null;
        }
        if (token != JsonToken.START_OBJECT) {
          throw broken("the server sent something that is no watch event");
        }
        WatchEvent<T> event = event(open);
        heardNanos = time.nanos();
        if (event != null) {
          return event;
        }
      } catch (JacksonException e) {
        throw broken(e.getOriginalMessage());
      }
    }
  }

  private JsonParser parser() {
    if (parser == null) {
      parser = ModelJson.MAPPER.createParser(body);
    }
    return parser;
  }

  private @Nullable WatchEvent<T> event(JsonParser parser) {
    String kind = "";
    WatchEvent<T> event = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "type" -> kind = parser.getString();
        case "object" -> event = event(kind, parser);
        default -> parser.skipChildren();
      }
    }
    return event;
  }

  /** Every server writes the type first, so that the object can be read as what it is. */
  private @Nullable WatchEvent<T> event(String kind, JsonParser parser) {
    return switch (kind) {
      case "ADDED" -> new WatchEvent.Added<>(ModelJson.MAPPER.readValue(parser, type));
      case "MODIFIED" -> new WatchEvent.Modified<>(ModelJson.MAPPER.readValue(parser, type));
      case "DELETED" -> new WatchEvent.Deleted<>(ModelJson.MAPPER.readValue(parser, type));
      case "BOOKMARK" -> {
        JsonNode object = ModelJson.MAPPER.readTree(parser);
        yield new WatchEvent.Bookmark<>(
            object.path("metadata").path("resourceVersion").asString(""));
      }
      case "ERROR" -> {
        JsonNode status = ModelJson.MAPPER.readTree(parser);
        throw new ApiException(StatusJson.status(status, StatusReason.INTERNAL_ERROR.code()));
      }
      default -> {
        LOG.debug("a watch event of the unknown type {} was skipped", kind);
        parser.skipChildren();
        yield null;
      }
    };
  }

  private ApiException broken(String reason) {
    return idle
        ? new ApiException(
            StatusReason.TIMEOUT, "nothing came for " + IDLE_DEADLINE.toSeconds() + " s")
        : new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the watch broke: " + reason);
  }

  private void checkIdle() {
    Duration silence = Duration.ofNanos(time.nanos() - heardNanos);
    if (closed) {
      return;
    }
    if (silence.compareTo(IDLE_DEADLINE) >= 0) {
      idle = true;
      closeBody();
    } else {
      idleTimer = time.after(IDLE_DEADLINE.minus(silence), this::checkIdle);
    }
  }

  @Override
  public void close() {
    closed = true;
    idleTimer.cancel();
    closeBody();
  }

  private void closeBody() {
    try {
      body.close();
    } catch (IOException e) {
      LOG.debug("closing a watch", e);
    }
  }
}
