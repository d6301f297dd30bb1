package dev.coxswain.apiserver.request;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.audit.AuditTrail;
import dev.coxswain.apiserver.audit.Auditor;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.ClientGoneException;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.http.HttpServer;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The path that every request takes: what is it about, who asks, may it, is there room, then the
 * endpoint; and whatever goes wrong becomes a {@code Status}.
 */
public final class RequestPipeline implements RequestHandler {
  private static final Logger log = LoggerFactory.getLogger(RequestPipeline.class);

  /** How long a request waits for its turn where many are large. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final LargeBodies large = new LargeBodies(PATIENCE);
  private final Auditor auditor;
  private final Opening opening;
  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final Impersonation impersonation;
  private final Routes routes;
  private final Turnstile turnstile;
  private final InFlight inFlight;
  private final RequestMetrics metrics;
  private final SlowRequests slow;
  private final Time time;

  /** Holds back who comes before the server can judge them: its roles may not be there yet. */
  @FunctionalInterface
  public interface Opening {
    /** Returns once the server is open, or after some seconds, come what may. */
    void await() throws InterruptedException;
  }

  /** A path to these endpoints. */
  public RequestPipeline(
      Auditor auditor,
      Opening opening,
      Authenticator authenticator,
      Authorizer authorizer,
      Routes routes,
      Turnstile turnstile,
      InFlight inFlight,
      RequestMetrics metrics,
      SlowRequests slow,
      Time time) {
    this.auditor = auditor;
    this.opening = opening;
    this.authenticator = authenticator;
    this.authorizer = authorizer;
    this.impersonation = new Impersonation(authorizer);
    this.routes = routes;
    this.turnstile = turnstile;
    this.inFlight = inFlight;
    this.metrics = metrics;
    this.slow = slow;
    this.time = time;
  }

  @Override
  public void handle(Exchange exchange) throws InterruptedException {
    RequestTrace trace = RequestTrace.begin(time);
    trace.during(() -> handle(exchange, trace));
  }

  private void handle(Exchange exchange, RequestTrace trace) throws InterruptedException {
    @Nullable RequestInfo info = null;
    Audited audited = new Audited(auditor.identify(exchange));
    try {
      Query query = Query.parse(exchange.request().query());
      info = RequestInfo.parse(exchange.request().method(), exchange.request().path(), query);
      run(exchange, info, query, audited, trace);
    } catch (ApiException e) {
      fail(exchange, e.status());
    } catch (StoreUnavailableException e) {
      log.warn("{}: {}", exchange.request(), e.getMessage());
      fail(exchange, unavailable(e));
    } catch (ClientGoneException e) {
      log.debug("{}: {}", exchange.request(), e.getMessage());
    } catch (RuntimeException e) {
      log.error("{}: failed", exchange.request(), e);
      audited.trail.panicked();
      fail(
          exchange,
          ApiStatus.of(StatusReason.INTERNAL_ERROR, "Internal error occurred: " + e.getMessage()));
    }
    trace.at(Stage.AUDIT);
    audited.trail.finished();
    if (info != null && !info.longRunning()) {
      metrics.finished(info, exchange.status(), Duration.ofNanos(trace.total()));
      slow.finished(exchange, info, trace);
    }
  }

  /** What is told of a request: nothing before it is known who asks. */
  private static final class Audited {
    private final String id;
    private AuditTrail trail = AuditTrail.NONE;

    Audited(String id) {
      this.id = id;
    }
  }

  private void run(
      Exchange exchange, RequestInfo info, Query query, Audited audited, RequestTrace trace)
      throws InterruptedException {
    if (info.resourceRequest()) {
      trace.at(Stage.OPENING);
      opening.await();
    }
    trace.at(Stage.AUTHENTICATION);
    UserInfo asker;
    try {
      asker = authenticate(exchange.request());
    } catch (ApiException e) {
      auditor.unauthenticated(exchange, info, audited.id);
      throw e;
    }
    trace.at(Stage.AUDIT);
    AuditTrail trail = auditor.begin(exchange, info, audited.id, asker);
    audited.trail = trail;
    trace.at(Stage.AUTHORIZATION);
    UserInfo user = impersonation.apply(asker, exchange.request());
    if (!user.equals(asker)) {
      trail.impersonated(user);
    }
    // Upstream, too, lets those in without a turn who may stay as long as they like.
    if (info.longRunning() && !info.verb().equals("watch")) {
      answer(exchange, info, query, user, trail, trace);
      return;
    }
    trace.at(Stage.SEAT);
    Turnstile.Seat seat = turnstile.enter(exchange, info, query, user);
    try {
      answer(exchange, info, query, user, trail, trace);
    } finally {
      seat.close();
    }
  }

  private void answer(
      Exchange exchange,
      RequestInfo info,
      Query query,
      UserInfo user,
      AuditTrail trail,
      RequestTrace trace)
      throws InterruptedException {
    trace.at(Stage.AUTHORIZATION);
    authorize(info.attributes(user).limitedTo(info.limits(query)), trail);
    Endpoint endpoint = routes.find(info).orElseThrow(Failures::noSuchPath);
    ApiRequest request = new ApiRequest(exchange, info, query, user, trail);
    if (info.longRunning()) {
      endpoint.handle(request);
      return;
    }
    trace.at(Stage.ROOM);
    InFlight.Place place = inFlight.enter(info.readOnly());
    try {
      InFlight.Place turn =
          large.enter(
              exchange.request().body(),
              exchange.request().header("Content-Type"),
              endpoint.basis(info));
      trace.at(Stage.REST);
      try {
        endpoint.handle(request);
      } finally {
        turn.close();
      }
    } finally {
      place.close();
    }
  }

  private void authorize(Attributes attributes, AuditTrail trail) {
    Decision decision = authorizer.authorize(attributes);
    boolean allowed = decision instanceof Decision.Allow;
    trail.put("authorization.k8s.io/decision", allowed ? "allow" : "forbid");
    trail.put("authorization.k8s.io/reason", decision.reason());
    if (!allowed) {
      throw Failures.forbidden(attributes, decision.reason());
    }
  }

  private UserInfo authenticate(HttpRequest request) {
    try {
      Optional<UserInfo> user = authenticator.authenticate(request.credentials());
      if (user.isPresent() && (request.certificateProblem().isEmpty() || !anonymous(user.get()))) {
        return user.get();
      }
    } catch (ApiException e) {
      log.info("{} from {}: {}", request, request.remoteAddress(), e.getMessage());
      // What exactly is wrong with a token or certificate is not told to whoever shows it.
      throw new ApiException(StatusReason.UNAUTHORIZED, "Unauthorized");
    }
    log.info(
        "{} from {}: client certificate: {}",
        request,
        request.remoteAddress(),
        request.certificateProblem());
    throw new ApiException(StatusReason.UNAUTHORIZED, "Unauthorized");
  }

  private static boolean anonymous(UserInfo user) {
    return user.in(UserInfo.UNAUTHENTICATED);
  }

  private static ApiStatus unavailable(StoreUnavailableException e) {
    StatusReason reason = e.undecided() ? StatusReason.TIMEOUT : StatusReason.SERVICE_UNAVAILABLE;
    return new ApiStatus(
        reason.code(),
        reason,
        String.valueOf(e.getMessage()),
        new ApiStatus.Details("", "", "", "", List.of(), e.undecided() ? 0 : 1));
  }

  private static void fail(Exchange exchange, ApiStatus status) throws InterruptedException {
    if (exchange.answered()) {
      // The beginning of another answer has been sent; it must not look whole.
      exchange.abort();
      return;
    }
    exchange.answer(answer(status));
  }

  private static Answer answer(ApiStatus status) {
    Answer answer = Answer.json(status.code(), Json.bytes(StatusJson.failure(status)));
    int seconds = status.details().retryAfterSeconds();
    return seconds > 0 ? answer.with("Retry-After", Integer.toString(seconds)) : answer;
  }

  @Override
  public Answer refusal(Refusal refusal) {
    return answer(
        switch (refusal) {
          case TOO_LARGE ->
              ApiStatus.of(
                  StatusReason.REQUEST_ENTITY_TOO_LARGE,
                  "Request entity too large: limit is " + HttpServer.MAX_BODY);
          case TOO_MUCH_AT_ONCE -> InFlight.tooMany();
          case NOBODYS -> ApiStatus.of(StatusReason.UNAUTHORIZED, "Unauthorized");
        });
  }
}
