package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsTrust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The keys that an issuer publishes: fetched when the first token comes, and again when one names a
 * key that is not among them.
 */
final class IssuerKeys implements AutoCloseable {
  /** How long the issuer may take to answer. */
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** How long after a fetch an unknown key is not looked for again: anyone can name one. */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  /** How long a document of the issuer's may be, in bytes. */
  private static final int LONGEST = 1 << 20;

  private final KeySource source;
  private final HttpClient client;
  private final Time time;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile List<JsonWebKey> known = List.of();
  private volatile @Nullable Long fetchedAt;
  private volatile String problem = "";

  IssuerKeys(KeySource source, Time time) {
    PemSource authorities = source.authorities();
    this.source = source;
    this.time = time;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(DEADLINE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .sslContext(Tls.context(null, authorities == null ? null : new TlsTrust(authorities)))
            .build();
  }

  /**
   * The keys that may have signed a token.
   *
   * @param id the key that the token names; null where it names none
   * @throws IOException where there is none, saying why
   */
  List<JsonWebKey> find(@Nullable String id) throws IOException, InterruptedException {
    List<JsonWebKey> found = among(known, id);
    if (found.isEmpty()) {
      refresh();
      found = among(known, id);
    }
    if (found.isEmpty()) {
      throw new IOException(
          problem.isEmpty()
              ? "the issuer has no key \"" + id + "\""
              : "the issuer's keys cannot be fetched: " + problem);
    }
    return found;
  }

  private static List<JsonWebKey> among(List<JsonWebKey> keys, @Nullable String id) {
    return id == null ? keys : keys.stream().filter(key -> id.equals(key.getKeyId())).toList();
  }

  private void refresh() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Long last = fetchedAt;
      if (last != null && time.nanos() - last < PAUSE.toNanos()) {
        return;
      }
      try {
        JsonNode document = Json.parse(get(source.discovery()));
        String named = Json.text(document, "issuer");
        if (!named.equals(source.issuer())) {
          throw new IOException("the document there is of another issuer, \"" + named + "\"");
        }
        byte[] keys = get(Json.text(document, "jwks_uri"));
        known =
            List.copyOf(
                new JsonWebKeySet(new String(keys, StandardCharsets.UTF_8)).getJsonWebKeys());
        problem = "";
      } catch (IOException | JoseException | JacksonException | IllegalArgumentException e) {
        // The keys that were good before stay so.
        problem = e.getMessage() == null ? e.toString() : e.getMessage();
      }
      fetchedAt = time.nanos();
    } finally {
      lock.unlock();
    }
  }

  private byte[] get(String url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(DEADLINE)
            .header("Accept", "application/json")
            .build();
    HttpResponse<byte[]> answer =
        client.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST));
    if (answer.statusCode() != 200) {
      throw new IOException(url + " answered " + answer.statusCode());
    }
    return answer.body();
  }

  /** Lets questions under way end; whoever asks from now on is refused. */
  @Override
  public void close() {
    client.shutdown();
  }
}
