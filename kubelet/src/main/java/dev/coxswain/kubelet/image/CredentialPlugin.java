package dev.coxswain.kubelet.image;

import dev.coxswain.runtime.program.Durations;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One program that gives credentials, with the answers that it has given. Thread-safe. */
final class CredentialPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialPlugin.class);

  /** Several times what the pods of a full node need. */
  private static final int MOST_ANSWERS = 1000;

  private static final String ALL_IMAGES = "global";

  /**
   * For what an answer holds.
   *
   * @param images an image, a registry, or all
   */
  private record Key(String images, PullIdentity.Holder holder) {}

  private record Kept(Map<String, PluginProgram.Login> logins, long until) {}

  private final CredentialProvider provider;
  private final AccountTokens accounts;
  private final PluginProgram program;
  private final Time time;
  private final ConcurrentMap<PluginProgram.Question, CompletableFuture<PluginProgram.Response>>
      running = new ConcurrentHashMap<>();

  /** Guarded by itself. */
  private final Map<Key, Kept> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
          return size() > MOST_ANSWERS;
        }
      };

  CredentialPlugin(
      CredentialProvider provider, AccountTokens accounts, PluginCounts counts, Time time) {
    this.provider = provider;
    this.accounts = accounts;
    this.program = new PluginProgram(provider, counts, time);
    this.time = time;
  }

  /** What it says of an image, by registry; nothing where it is not asked or fails. */
  Map<String, PluginProgram.Login> logins(Pod pod, ImageReference image)
      throws InterruptedException {
    if (provider.images().stream().noneMatch(pattern -> pattern.matches(image))) {
      return Map.of();
    }
    Optional<PullIdentity> identity = PullIdentity.of(pod, provider.token(), accounts);
    if (identity.isEmpty()) {
      return Map.of();
    }
    PullIdentity.Holder holder = identity.get().holder();
    @Nullable Kept known = known(image, holder);
    if (known != null) {
      return known.logins();
    }
    try {
      PluginProgram.Response response =
          ask(
              new PluginProgram.Question(
                  image.name(), identity.get().token(), holder.annotations()));
      return taken(response, image, identity.get());
    } catch (IOException failure) {
      LOG.error(
          "Failed getting credential from external registry credential provider: {}",
          failure.getMessage());
      return Map.of();
    }
  }

  private @Nullable Kept known(ImageReference image, PullIdentity.Holder holder) {
    long now = time.nanos();
    synchronized (answers) {
      answers.values().removeIf(kept -> now - kept.until() > 0);
      for (String images : new String[] {image.name(), image.registry(), ALL_IMAGES}) {
        Kept kept = answers.get(new Key(images, holder));
        if (kept != null) {
          return kept;
        }
      }
    }
    return null;
  }

  /** Who asks the same at the same time shares the answer; it comes even if the first one left. */
  private PluginProgram.Response ask(PluginProgram.Question question)
      throws IOException, InterruptedException {
    CompletableFuture<PluginProgram.Response> own = new CompletableFuture<>();
    CompletableFuture<PluginProgram.Response> first = running.putIfAbsent(question, own);
    if (first == null) {
      Thread.ofVirtual().name("credential-plugin").start(() -> run(question, own));
    }
    try {
      return (first == null ? own : first).get();
    } catch (ExecutionException failure) {
      throw new IOException(PluginProgram.reason(failure), failure);
    }
  }

  /** Whoever asks once the answer is there asks anew: it may be one that is not to be kept. */
  private void run(
      PluginProgram.Question question, CompletableFuture<PluginProgram.Response> answer) {
    try {
      PluginProgram.Response response = program.ask(question);
      running.remove(question);
      answer.complete(response);
    } catch (IOException | RuntimeException failure) {
      running.remove(question);
      answer.completeExceptionally(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      running.remove(question);
      answer.completeExceptionally(interrupted);
    }
  }

  private Map<String, PluginProgram.Login> taken(
      PluginProgram.Response response, ImageReference image, PullIdentity identity)
      throws IOException {
    Map<String, PluginProgram.Login> logins = Objects.requireNonNullElse(response.auth(), Map.of());
    CredentialProvider.@Nullable Token wanted = provider.token();
    if (wanted != null
        && !wanted.perToken()
        && !identity.token().isEmpty()
        && logins.values().stream().anyMatch(login -> identity.token().equals(login.password()))) {
      // It would be kept for the whole account, for longer than its pod lives.
      throw new IOException(
          "Credential provider plugin returned the service account token as the password for"
              + " image \""
              + image.name()
              + "\", which is not allowed when service account cache type is not set to 'Token'");
    }
    String type = Objects.requireNonNullElse(response.cacheKeyType(), "");
    String images =
        switch (type) {
          case "Image" -> image.name();
          case "Registry" -> image.registry();
          case "Global" -> ALL_IMAGES;
          default ->
              throw new IOException(
                  "credential provider plugin did not return a valid cacheKeyType: \""
                      + type
                      + "\"");
        };
    Duration keep = keep(response);
    if (keep.isPositive()) {
      synchronized (answers) {
        answers.put(
            new Key(images, identity.holder()), new Kept(logins, time.nanos() + keep.toNanos()));
      }
    }
    return logins;
  }

  private Duration keep(PluginProgram.Response response) throws IOException {
    String text = response.cacheDuration();
    try {
      return text == null
          ? provider.defaultCacheDuration()
          : Durations.parse("cacheDuration", text);
    } catch (IllegalArgumentException malformed) {
      throw new IOException(malformed.getMessage(), malformed);
    }
  }
}
