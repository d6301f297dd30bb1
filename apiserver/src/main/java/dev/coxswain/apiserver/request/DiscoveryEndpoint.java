package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.discovery.Documents;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.runtime.time.Time;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Serves documents that describe the API; a client that has one already is told so. Who asks for
 * one by the hash that an index told may keep it: other content has another hash.
 */
public final class DiscoveryEndpoint implements Endpoint {
  private static final Period KEPT = Period.ofYears(1);

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Documents documents;
  private final Time time;

  /** Serves these documents. */
  public DiscoveryEndpoint(Documents documents, Time time) {
    this.documents = documents;
    this.time = time;
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    String path = request.info().path();
    if (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String accept = String.join(",", request.http().headers("Accept"));
    Document document = documents.document(path, accept).orElseThrow(Failures::noSuchPath);
    String asked = request.query().text("hash");
    String current = documents.content(path).orElse("");
    Answer answer =
        asked.isEmpty() || current.isEmpty()
            ? answer(request, document)
            : asked.equals(current)
                ? kept(answer(request, document))
                : new Answer(
                    301, "", Map.of("Location", List.of(path + "?hash=" + current)), List.of());
    request.exchange().answer(answer);
  }

  /** As upstream says it; without the date some clients count no days. */
  private Answer kept(Answer answer) {
    Instant now = time.now();
    return answer
        .with("Cache-Control", "public, immutable")
        .with("Date", DATE.format(now))
        .with("Expires", DATE.format(now.atOffset(ZoneOffset.UTC).plus(KEPT)));
  }

  /** A document, or 304 where the client has it. */
  static Answer answer(ApiRequest request, Document document) {
    String tag = "\"" + document.hash() + "\"";
    Map<String, List<String>> headers =
        Map.of("ETag", List.of(tag), "Vary", List.of("Accept", "Accept-Encoding"));
    if (known(request.http().header("If-None-Match"), tag)) {
      return new Answer(304, "", headers, List.of());
    }
    if (document.compressed() && request.http().acceptsGzip()) {
      return new Answer(200, document.contentType(), headers, List.of(document.kept()))
          .with("Content-Encoding", "gzip");
    }
    return new Answer(200, document.contentType(), headers, List.of(document.body()));
  }

  private static boolean known(String tags, String tag) {
    return Arrays.stream(tags.split(",", -1))
        .map(String::strip)
        .anyMatch(known -> known.equals(tag) || known.equals("W/" + tag) || known.equals("*"));
  }
}
