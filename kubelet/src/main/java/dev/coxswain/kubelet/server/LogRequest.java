package dev.coxswain.kubelet.server;

import dev.coxswain.kubelet.log.LogQuery;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a log request's parameters; a malformed one is an error that names it. */
final class LogRequest {
  private LogRequest() {}

  static LogQuery parse(QueryStringDecoder uri, Instant now) {
    long tail = number(uri, "tailLines", -1);
    long limit = number(uri, "limitBytes", -1);
    long sinceSeconds = number(uri, "sinceSeconds", -1);
    // Longer ago than there is time is since ever.
    @Nullable Instant since =
        sinceSeconds < 0 ? null : now.minusSeconds(Math.min(sinceSeconds, now.getEpochSecond()));
    String sinceTime = text(uri, "sinceTime");
    if (!sinceTime.isEmpty()) {
      try {
        since = OffsetDateTime.parse(sinceTime).toInstant();
      } catch (DateTimeException malformed) {
        throw new IllegalArgumentException("sinceTime: " + sinceTime + " is not an RFC 3339 time");
      }
    }
    LogQuery.Streams streams =
        switch (text(uri, "stream")) {
          case "Stdout" -> LogQuery.Streams.STDOUT;
          case "Stderr" -> LogQuery.Streams.STDERR;
          default -> LogQuery.Streams.BOTH;
        };
    return new LogQuery(flag(uri, "follow"), flag(uri, "timestamps"), tail, limit, since, streams);
  }

  /** Whether a parameter was given and says anything but no. */
  static boolean flag(QueryStringDecoder uri, String name) {
    String value = text(uri, name);
    return uri.parameters().containsKey(name)
        && !value.equalsIgnoreCase("false")
        && !value.equals("0");
  }

  static String text(QueryStringDecoder uri, String name) {
    List<String> values = uri.parameters().getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.getFirst();
  }

  private static long number(QueryStringDecoder uri, String name, long otherwise) {
    String value = text(uri, name);
    if (value.isEmpty()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException malformed) {
      // Told below.
    }
    throw new IllegalArgumentException(name + ": " + value + " is not a number of at least 0");
  }
}
