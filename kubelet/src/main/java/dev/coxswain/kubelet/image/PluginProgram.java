package dev.coxswain.kubelet.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs a program that gives credentials: one request on its standard input, one answer on its
 * standard output. It may take a minute and say a mebibyte.
 */
final class PluginProgram {
  private static final Logger LOG = LoggerFactory.getLogger(PluginProgram.class);

  static final Duration LIMIT = Duration.ofMinutes(1);
  static final int MOST_SAID = 1 << 20;

  /** As much of its complaints as a log needs. */
  private static final int MOST_COMPLAINED = 1 << 10;

  private static final JsonMapper STRICT =
      Json.mapper().rebuild().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final CredentialProvider provider;
  private final PluginCounts counts;
  private final Time time;

  PluginProgram(CredentialProvider provider, PluginCounts counts, Time time) {
    this.provider = provider;
    this.counts = counts;
    this.time = time;
  }

  /**
   * What a program is asked.
   *
   * @param image its name without tag and digest
   */
  record Question(String image, String token, Map<String, String> annotations) {
    @Override
    public String toString() {
      return image;
    }
  }

  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  private record Request(
      String kind,
      String apiVersion,
      String image,
      String serviceAccountToken,
      Map<String, String> serviceAccountAnnotations) {}

  /** The answer. */
  record Response(
      @Nullable String kind,
      @Nullable String apiVersion,
      @Nullable String cacheKeyType,
      @Nullable String cacheDuration,
      @Nullable Map<String, Login> auth) {}

  /** Who one is for a registry. */
  record Login(@Nullable String username, @Nullable String password) {
    @Override
    public String toString() {
      return "login of " + username;
    }
  }

  /**
   * Asks the program.
   *
   * @throws IOException with why there is no answer; it quotes nothing of one
   */
  Response ask(Question question) throws IOException, InterruptedException {
    Request request =
        new Request(
            "CredentialProviderRequest",
            provider.apiVersion(),
            question.image(),
            question.token(),
            question.annotations());
    String line = Json.mapper().writeValueAsString(request) + "\n";
    long begun = time.nanos();
    boolean failed = true;
    byte[] answer;
    try {
      answer = run(line.getBytes(StandardCharsets.UTF_8), question);
      failed = false;
    } finally {
      counts.count(provider.name(), Duration.ofNanos(time.nanos() - begun), failed);
    }
    Response response;
    try {
      response = STRICT.readValue(answer, Response.class);
    } catch (JacksonException malformed) {
      // Jackson's messages quote what they read: none of that belongs in a log.
      throw new IOException("error decoding credential provider plugin response from stdout");
    }
    if (response == null || !provider.apiVersion().equals(response.apiVersion())) {
      throw new IOException(
          "apiVersion from credential plugin response did not match expected apiVersion:"
              + provider.apiVersion());
    }
    if (!"CredentialProviderResponse".equals(response.kind())) {
      throw new IOException("failed to decode CredentialProviderResponse, unexpected Kind");
    }
    if (response.auth() != null && response.auth().containsValue(null)) {
      throw new IOException("a registry without a login in the credential plugin's response");
    }
    return response;
  }

  private byte[] run(byte[] request, Question question) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(ProcessSession.command(provider.program(), provider.arguments()));
    builder.environment().putAll(provider.environment());
    String what =
        "error execing credential provider plugin "
            + provider.name()
            + " for image "
            + question
            + ": ";
    Process process = builder.start();
    CompletableFuture<byte[]> said = read(process.getInputStream(), MOST_SAID, true);
    CompletableFuture<byte[]> complained = read(process.getErrorStream(), MOST_COMPLAINED, false);
    // What the program has started itself may hold its output open: so all have to end.
    CompletableFuture<Void> ended = CompletableFuture.allOf(said, complained, process.onExit());
    var _ =
        said.whenComplete((out, failure) -> {
          if (failure != null) {
            ended.completeExceptionally(failure);
          }
        });
    Time.Timer timer =
        time.after(
            LIMIT,
            () ->
                ended.completeExceptionally(
                    new IOException("no answer within " + LIMIT.toSeconds() + " s")));
    boolean allEnded = false;
    try {
      Thread.ofVirtual().name("credential-plugin").start(() -> tell(process, request));
      ended.get();
      allEnded = true;
      if (process.exitValue() != 0) {
        throw new IOException(
            what
                + "exit status "
                + process.exitValue()
                + ": "
                + new String(complained.join(), StandardCharsets.UTF_8).strip());
      }
      return said.join();
    } catch (ExecutionException failure) {
      throw new IOException(what + reason(failure), failure);
    } finally {
      timer.cancel();
      if (!allEnded) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        // Nothing else ends the threads that read what its children hold open.
        ProcessSession.kill(process.pid());
      }
    }
  }

  /** Why it came to nothing. */
  static String reason(ExecutionException failure) {
    @Nullable Throwable cause = failure.getCause();
    return String.valueOf((cause == null ? failure : cause).getMessage());
  }

  /** A program need not read what it is asked: its answer counts. */
  private static void tell(Process process, byte[] request) {
    try (OutputStream input = process.getOutputStream()) {
      input.write(request);
    } catch (IOException notRead) {
      LOG.debug("A credential plugin has not read its request: {}", notRead.getMessage());
    }
  }

  /**
   * Reads a stream to its end, on a thread of its own, because nothing ends a read before.
   *
   * @param most how many bytes are kept
   * @param whole whether more than that are a failure
   */
  private CompletableFuture<byte[]> read(InputStream stream, int most, boolean whole) {
    CompletableFuture<byte[]> read = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("credential-plugin-" + provider.name())
        .start(() -> {
          try (stream) {
            byte[] kept = stream.readNBytes(most);
            if (whole && stream.read() >= 0) {
              throw new IOException("more than " + most + " bytes of output");
            }
            stream.transferTo(OutputStream.nullOutputStream());
            read.complete(kept);
          } catch (IOException failure) {
            read.completeExceptionally(failure);
          }
        });
    return read;
  }
}
