package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.discovery.Documents;
import dev.coxswain.apiserver.http.Answer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Serves documents that describe the API; a client that has one already is told so. */
public final class DiscoveryEndpoint implements Endpoint {
  private final Documents documents;

  /** Serves these documents. */
  public DiscoveryEndpoint(Documents documents) {
    this.documents = documents;
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    String path = request.info().path();
    if (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String accept = String.join(",", request.http().headers("Accept"));
    Document document = documents.document(path, accept).orElseThrow(Failures::noSuchPath);
    request.exchange().answer(answer(request, document));
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
