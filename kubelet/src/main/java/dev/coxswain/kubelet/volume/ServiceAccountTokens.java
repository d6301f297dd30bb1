package dev.coxswain.kubelet.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens for pods, asked of the API server and bound to the pod. A token is asked for anew once
 * four fifths of its life are over; while the API server is away the old one is used to its end.
 */
public final class ServiceAccountTokens {
  private static final Duration DEFAULT_LIFE = Duration.ofHours(1);

  /** However long a token lives, it is renewed daily, as upstream does. */
  private static final Duration LONGEST_USE = Duration.ofHours(24);

  private record Key(String podUid, String account, String audience, long seconds) {}

  /** A token and when its life ends. */
  public record Issued(String token, Instant expiresAt) {
    @Override
    public String toString() {
      return "token until " + expiresAt;
    }
  }

  private record Token(String text, Instant renewAt, Instant expiresAt) {
    Issued issued() {
      return new Issued(text, expiresAt);
    }

    @Override
    public String toString() {
      return "token until " + expiresAt;
    }
  }

  private final Source source;
  private final Time time;

  /** Bounded by the pods of the node: {@link #forget} drops a pod's tokens with the pod. */
  private final ConcurrentMap<Key, Token> cache = new ConcurrentHashMap<>();

  /** Who issues tokens. */
  interface Source {
    /**
     * The answer to a request for a token of this service account.
     *
     * @throws ApiException when there is none
     */
    TokenRequest request(ObjectKey account, TokenRequest body);
  }

  /** Asks this API. */
  public ServiceAccountTokens(ApiClient api, Time time) {
    this(
        (account, body) ->
            api.resource(ServiceAccount.class).post(account, "token", body, TokenRequest.class),
        time);
  }

  ServiceAccountTokens(Source source, Time time) {
    this.source = source;
    this.time = time;
  }

  String token(Pod pod, ServiceAccountTokenProjection projection) throws ConfigException {
    return issue(
            pod,
            projection.getAudience() == null ? "" : projection.getAudience(),
            Optional.ofNullable(projection.getExpirationSeconds()))
        .token();
  }

  /**
   * A token of the pod's service account.
   *
   * @param audience whom it is for; the API server for the empty string
   * @param seconds how long it shall live
   */
  public Issued issue(Pod pod, String audience, Optional<Long> seconds) throws ConfigException {
    String account = pod.getSpec().getServiceAccountName();
    if (account == null || account.isEmpty()) {
      account = "default";
    }
    Key key =
        new Key(
            pod.getMetadata().getUid(),
            account,
            audience,
            seconds.orElse(DEFAULT_LIFE.toSeconds()));
    @Nullable Token known = cache.get(key);
    Instant now = time.now();
    if (known != null && now.isBefore(known.renewAt())) {
      return known.issued();
    }
    try {
      Token fresh = request(pod, key, now);
      cache.put(key, fresh);
      return fresh.issued();
    } catch (ApiException failure) {
      if (known != null && now.isBefore(known.expiresAt())) {
        return known.issued();
      }
      throw new ConfigException("failed to fetch token: " + failure.getMessage());
    }
  }

  /** Drops the tokens of a pod that is gone. */
  void forget(String podUid) {
    cache.keySet().removeIf(key -> key.podUid().equals(podUid));
  }

  private Token request(Pod pod, Key key, Instant now) {
    TokenRequest body =
        TokenRequest.of(
            key.audience().isEmpty() ? List.of() : List.of(key.audience()),
            key.seconds(),
            pod.getMetadata().getName(),
            key.podUid());
    TokenRequest answer =
        source.request(new ObjectKey(pod.getMetadata().getNamespace(), key.account()), body);
    TokenRequest.Status status = answer.status();
    if (status == null || status.token().isEmpty()) {
      throw new ApiException(StatusReason.INTERNAL_ERROR, "the answer has no token");
    }
    Instant expires =
        status.expirationTimestamp() == null
            ? now.plusSeconds(key.seconds())
            : Instant.parse(status.expirationTimestamp());
    Duration use = Duration.between(now, expires).multipliedBy(4).dividedBy(5);
    Duration capped = use.compareTo(LONGEST_USE) > 0 ? LONGEST_USE : use;
    return new Token(status.token(), now.plus(capped), expires);
  }
}
