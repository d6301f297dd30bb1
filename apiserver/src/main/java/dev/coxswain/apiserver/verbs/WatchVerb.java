package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.ResponseStream;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Accept;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.watch.Representation;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.Subscription;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Opens watches. */
final class WatchVerb {
  /** How long a watch lasts when the client does not say: this, up to twice as long. */
  private static final Duration SHORTEST = Duration.ofMinutes(30);

  private final ResourceRegistry registry;
  private final WatchCache cache;
  private final Responses responses;
  private final Time time;
  private final Randomness randomness;
  private final Set<WatchSession> sessions = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  WatchVerb(
      ResourceRegistry registry,
      WatchCache cache,
      Responses responses,
      Time time,
      Randomness randomness) {
    this.registry = registry;
    this.cache = cache;
    this.responses = responses;
    this.time = time;
    this.randomness = randomness;
  }

  void open(ApiRequest request, ResourceType type) throws InterruptedException {
    Query query = request.query();
    Selection selection = Selectors.of(request, type);
    Accept accept = Responses.accept(request);
    Representation form = responses.form(type, accept, request);
    String version = query.text("resourceVersion");
    boolean initialEvents = query.flag("sendInitialEvents");
    boolean bookmarks = query.flag("allowWatchBookmarks");
    checkOptions(query, initialEvents);
    Duration lifetime = lifetime(query);
    Wake wake = new Wake();
    Subscription subscription =
        subscribe(
            type,
            selection.asks() ? selection.atOnce() : selection,
            version,
            query.has("sendInitialEvents"),
            initialEvents,
            wake);
    WatchSession session =
        new WatchSession(
            subscription,
            stream(request.exchange(), subscription),
            new WatchSession.Format(type, selection, form, bookmarks, initialEvents),
            time);
    sessions.add(session);
    session.start(lifetime, () -> sessions.remove(session));
    wake.to(session);
    // Whoever ended watches before it was among them did not end it.
    if (ending || !served(type)) {
      session.end();
    }
  }

  /** Whether a type is still what is served under its name. */
  private boolean served(ResourceType type) {
    return registry
        .find(type.kind().group(), type.kind().version(), type.plural())
        .filter(type::equals)
        .isPresent();
  }

  private static ResponseStream stream(Exchange exchange, Subscription subscription) {
    try {
      return stream(exchange);
    } catch (RuntimeException e) {
      subscription.close();
      throw e;
    }
  }

  private static ResponseStream stream(Exchange exchange) {
    return exchange.wantsMessages()
        ? exchange.openMessages()
        : exchange.open(200, Answer.JSON, Map.of());
  }

  private static void checkOptions(Query query, boolean initialEvents) {
    String match = query.text("resourceVersionMatch");
    if (query.has("sendInitialEvents")) {
      if (!match.equals("NotOlderThan")) {
        throw ObjectReader.invalidOptions(
            FieldError.forbidden(
                "resourceVersionMatch",
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
      }
      if (initialEvents && !query.flag("allowWatchBookmarks")) {
        throw ObjectReader.invalidOptions(
            FieldError.forbidden(
                "allowWatchBookmarks", "sendInitialEvents requires allowWatchBookmarks"));
      }
    } else if (!match.isEmpty()) {
      throw ObjectReader.invalidOptions(
          FieldError.forbidden(
              "resourceVersionMatch",
              "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
    }
  }

  private Subscription subscribe(
      ResourceType type,
      Selection selection,
      String version,
      boolean initialEventsGiven,
      boolean initialEvents,
      Runnable wake)
      throws InterruptedException {
    long from = version.isEmpty() ? 0 : ObjectReader.version(version);
    GroupResource resource = type.storedResource();
    boolean withState = initialEventsGiven ? initialEvents : from == 0;
    if (withState) {
      if (version.isEmpty()) {
        if (!cache.awaitCurrent(resource)) {
          throw Failures.versionTooLarge(cache.applied(resource) + 1, cache.applied(resource));
        }
      } else {
        awaitAtLeast(resource, from);
      }
      return cache.watchState(resource, selection, wake);
    }
    if (from == 0) {
      from = cache.applied(resource);
    }
    awaitAtLeast(resource, from);
    Subscription subscription = cache.watchFrom(resource, from, selection, wake);
    if (subscription == null) {
      throw Failures.expired(from, cache.oldest(resource));
    }
    return subscription;
  }

  private void awaitAtLeast(GroupResource resource, long revision) throws InterruptedException {
    if (revision > 0 && !cache.awaitGiven(resource, revision)) {
      throw Failures.versionTooLarge(revision, cache.applied(resource));
    }
  }

  private Duration lifetime(Query query) throws ApiException {
    long seconds = query.number("timeoutSeconds", 0);
    return seconds > 0 ? Duration.ofSeconds(seconds) : randomness.jitter(SHORTEST, 1.0);
  }

  /** Ends the watches of these types in order: what they are has changed. */
  void end(Predicate<ResourceType> types) {
    for (WatchSession session : sessions) {
      if (types.test(session.type())) {
        session.end();
      }
    }
  }

  /** Ends all watches in order, so that their clients go to another server. */
  void endAll() {
    ending = true;
    sessions.forEach(WatchSession::end);
  }

  /** Wakes a session that does not exist yet when its subscription is made. */
  private static final class Wake implements Runnable {
    private volatile Runnable target = () -> {};

    void to(WatchSession session) {
      target = session::wake;
      // Something may have come before there was anybody to wake.
      session.wake();
    }

    @Override
    public void run() {
      target.run();
    }
  }
}
