package dev.coxswain.apiserver.health;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** {@code /version}: the Kubernetes version whose API this is. */
public final class VersionEndpoint implements Endpoint {
  /** The version of Kubernetes that the built-in kinds are those of. */
  public static final String KUBERNETES = "v1.34.1";

  /** Where the build says what it was made of; its one line is the commit, if there was one. */
  public static final String BUILD = "/dev/coxswain/apiserver/health/build.txt";

  private static final String COMMIT = readCommit();

  /** What this program was made of; empty where that is not known. */
  public static String commit() {
    return COMMIT;
  }

  private static String readCommit() {
    try (InputStream in = VersionEndpoint.class.getResourceAsStream(BUILD)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + BUILD, e);
    }
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    byte[] body =
        Json.bytes(
            Json.object()
                .put("major", "1")
                .put("minor", "34")
                .put("gitVersion", KUBERNETES + "+coxswain")
                .put("gitCommit", COMMIT)
                .put("gitTreeState", "clean")
                .put("buildDate", "2026-01-01T00:00:00Z")
                .put("goVersion", "none (Java " + Runtime.version().feature() + ")")
                .put("compiler", "javac")
                .put(
                    "platform",
                    "linux/" + System.getProperty("os.arch", "amd64").replace("x86_64", "amd64")));
    request.exchange().answer(Answer.json(200, body));
  }
}
