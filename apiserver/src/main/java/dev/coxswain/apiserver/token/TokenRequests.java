package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.ReviewHandler;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code serviceaccounts/NAME/token}: gives out a token, bound to an object where one is named. */
final class TokenRequests implements ReviewHandler {
  private static final GroupVersionKind KIND =
      new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest");

  /** Under which the audit log tells the token's id, by which its later use is found. */
  private static final String ISSUED = "authentication.kubernetes.io/issued-credential-id";

  private static final long DEFAULT_SECONDS = 3_600;
  private static final long MINIMUM_SECONDS = 600;
  private static final long MAXIMUM_SECONDS = 1L << 32;

  /**
   * The life that the token volume of every pod asks for. As upstream, such a token is accepted for
   * a year, because older programs read it once at their start; it ends with its pod anyway.
   */
  private static final long POD_VOLUME_SECONDS = 3_607;

  private static final Duration EXTENDED = Duration.ofDays(365);

  private final TokenCodec codec;
  private final TokenSubjects subjects;
  private final Time time;
  private final Randomness random;

  TokenRequests(TokenCodec codec, TokenSubjects subjects, Time time, Randomness random) {
    this.codec = codec;
    this.subjects = subjects;
    this.time = time;
    this.random = random;
  }

  @Override
  public ObjectNode create(Review review) {
    ObjectNode account =
        subjects
            .view()
            .find(TokenSubjects.ACCOUNTS, new ObjectKey(review.namespace(), review.name()))
            .orElseThrow(() -> Failures.notFound(TokenSubjects.ACCOUNTS, review.name()));
    JsonNode spec = review.body().path("spec");
    long seconds = Json.number(spec, DEFAULT_SECONDS, "expirationSeconds");
    checkExpiration(review.name(), seconds);
    List<String> audiences = new ArrayList<>();
    spec.path("audiences").forEach(audience -> audiences.add(audience.asString("")));
    boolean forUs = audiences.isEmpty() || audiences.equals(List.of(codec.issuer()));
    if (audiences.isEmpty()) {
      audiences.add(codec.issuer());
    }
    Bound bound = bound(review, spec.path("boundObjectRef"));
    Instant now = time.now().truncatedTo(ChronoUnit.SECONDS);
    boolean extend = seconds == POD_VOLUME_SECONDS && forUs && bound.pod() != null;
    TokenClaims claims =
        new TokenClaims(
            codec.issuer(),
            audiences,
            random.uuid(),
            now,
            now.plusSeconds(extend ? EXTENDED.toSeconds() : seconds),
            review.namespace(),
            new TokenClaims.Reference(review.name(), uid(account)),
            bound.pod(),
            bound.secret(),
            bound.node());
    review.annotations().put(ISSUED, ServiceAccountAuthenticator.credential(claims));
    ObjectNode answer = review.body().deepCopy();
    ObjectNode meta = Json.ensureObject(answer, "metadata");
    meta.put("name", review.name());
    meta.put("namespace", review.namespace());
    meta.put("creationTimestamp", now.toString());
    ObjectNode answeredSpec = Json.ensureObject(answer, "spec");
    answeredSpec.put("expirationSeconds", seconds);
    audiences.forEach(answeredSpec.putArray("audiences")::add);
    answer
        .putObject("status")
        .put("token", codec.sign(claims))
        .put("expirationTimestamp", now.plusSeconds(seconds).toString());
    return answer;
  }

  private static void checkExpiration(String name, long seconds) {
    @Nullable String problem =
        seconds < MINIMUM_SECONDS
            ? "may not specify a duration less than 10 minutes"
            : seconds > MAXIMUM_SECONDS
                ? "may not specify a duration larger than 2^32 seconds"
                : null;
    if (problem != null) {
      InvalidObject.throwIfAny(
          KIND, name, List.of(FieldError.invalid("spec.expirationSeconds", seconds, problem)));
    }
  }

  /** What the token is bound to; a pod's node comes along. */
  private record Bound(
      TokenClaims.@Nullable Reference pod,
      TokenClaims.@Nullable Reference secret,
      TokenClaims.@Nullable Reference node) {}

  private Bound bound(Review review, JsonNode wanted) {
    if (!wanted.isObject()) {
      return new Bound(null, null, null);
    }
    String kind = Json.text(wanted, "kind");
    String name = Json.text(wanted, "name");
    return switch (Json.text(wanted, "apiVersion") + " " + kind) {
      case "v1 Pod" -> {
        ObjectNode pod = find(TokenSubjects.PODS, review.namespace(), name, wanted);
        String account = Json.text(pod, "spec", "serviceAccountName");
        if (!account.equals(review.name())) {
          throw Failures.badRequest(
              "cannot bind token for serviceaccount \""
                  + review.name()
                  + "\" to pod running with different serviceaccount name.");
        }
        String node = Json.text(pod, "spec", "nodeName");
        TokenClaims.@Nullable Reference nodeReference =
            node.isEmpty()
                ? null
                : subjects
                    .view()
                    .find(TokenSubjects.NODES, ObjectKey.cluster(node))
                    .map(found -> new TokenClaims.Reference(node, uid(found)))
                    .orElse(null);
        yield new Bound(new TokenClaims.Reference(name, uid(pod)), null, nodeReference);
      }
      case "v1 Secret" -> {
        ObjectNode secret = find(TokenSubjects.SECRETS, review.namespace(), name, wanted);
        yield new Bound(null, new TokenClaims.Reference(name, uid(secret)), null);
      }
      case "v1 Node" -> {
        ObjectNode node = find(TokenSubjects.NODES, "", name, wanted);
        yield new Bound(null, null, new TokenClaims.Reference(name, uid(node)));
      }
      default ->
          throw Failures.badRequest(
              "cannot bind token to object of type "
                  + Json.text(wanted, "apiVersion")
                  + ", Kind="
                  + kind);
    };
  }

  private ObjectNode find(GroupResource resource, String namespace, String name, JsonNode wanted) {
    ObjectNode found =
        subjects
            .view()
            .find(resource, new ObjectKey(namespace, name))
            .orElseThrow(() -> Failures.notFound(resource, name));
    String wantedUid = Json.text(wanted, "uid");
    if (!wantedUid.isEmpty() && !wantedUid.equals(uid(found))) {
      throw Failures.conflict(
          resource,
          name,
          "the UID in the bound object reference ("
              + wantedUid
              + ") does not match the UID in record. The object might have been deleted and then"
              + " recreated");
    }
    return found;
  }

  private static String uid(ObjectNode object) {
    return Json.text(object, "metadata", "uid");
  }
}
