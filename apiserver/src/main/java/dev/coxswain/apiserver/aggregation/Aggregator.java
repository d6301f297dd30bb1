package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.aggregation.ServiceCheck.Finding;
import dev.coxswain.apiserver.connect.Caller;
import dev.coxswain.apiserver.connect.Handover;
import dev.coxswain.apiserver.connect.Slices;
import dev.coxswain.apiserver.custom.Definitions;
import dev.coxswain.apiserver.definition.Conditions;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.discovery.Extensions;
import dev.coxswain.apiserver.openapi.ForeignSpecs;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.Subscription;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the APIServices: sends requests to who serves them, says in their conditions whether they
 * answer, and keeps those of the versions that this server serves itself.
 */
public final class Aggregator implements AutoCloseable, Extensions {
  private static final Logger log = LoggerFactory.getLogger(Aggregator.class);

  /** How often a server that answers is asked again, and one that does not. */
  private static final Duration WELL = Duration.ofSeconds(30);

  private static final Duration UNWELL = Duration.ofSeconds(2);

  /** Stands before the path of a version where its OpenAPI is asked for. */
  private static final String DESCRIBED = "/openapi/v3";

  private static final Duration READY_PERIOD = Duration.ofMillis(50);

  /** What wakes: what is served, and what stands behind it. */
  private static final List<GroupResource> FOLLOWED =
      List.of(
          ApiServices.RESOURCE,
          Definitions.RESOURCE,
          new GroupResource("", "services"),
          Slices.RESOURCE);

  private final WatchCache cache;
  private final ApiServices services;
  private final LocalServices local;
  private final ServiceCheck check;
  private final ServedSpecs specs;
  private final Inquiries inquiries;
  private final FrontProxy proxy;
  private final Handover handover;
  private final Definitions.Writes writes;
  private final ResourceType type;
  private final Time time;
  private final Semaphore wake = new Semaphore(0);
  private final Map<Aggregated, Known> known = new HashMap<>();
  private volatile Served served = new Served(0, List.of());
  private @Nullable Thread thread;

  /** What was found of a service; nothing is asked again before {@code due}. */
  private record Known(Finding finding, boolean asked, long due) {}

  private static Known known(Finding finding, boolean asked, Duration pause, Time time) {
    return new Known(finding, asked, time.nanos() + pause.toNanos());
  }

  private record Served(long generation, List<Version> versions) {}

  /** How requests leave this server. */
  public record Exits(FrontProxy proxy, Handover handover, Caller caller) {}

  /** Follows APIServices. */
  public Aggregator(
      WatchCache cache,
      ResourceRegistry registry,
      Definitions.Writes writes,
      Exits exits,
      Time time) {
    this.cache = cache;
    this.services = new ApiServices(cache);
    this.local = new LocalServices(cache, registry, writes);
    BackendReader reader = new BackendReader(exits.proxy(), exits.caller());
    this.check = new ServiceCheck(cache, reader);
    this.specs = new ServedSpecs(reader);
    this.inquiries = new Inquiries(check, specs, wake::release);
    this.proxy = exits.proxy();
    this.handover = exits.handover();
    this.writes = writes;
    this.type = registry.versions(ApiServices.RESOURCE).getFirst();
    this.time = time;
  }

  /**
   * The endpoint of a path that another server serves, or whose description it serves; not of a
   * description that this server makes of an older one.
   */
  public Optional<Endpoint> endpoint(String path) {
    boolean described = path.startsWith(DESCRIBED);
    return services
        .serving(described ? path.substring(DESCRIBED.length()) : path)
        .filter(service -> !described || !specs.onlySwagger(service))
        .map(service -> new AggregatedEndpoint(service, proxy, handover));
  }

  /** What the other servers tell of their OpenAPI. */
  public ForeignSpecs specs() {
    return specs;
  }

  @Override
  public long generation() {
    return served.generation();
  }

  @Override
  public List<Version> versions() {
    return served.versions();
  }

  /** Starts the thread. */
  public void start() {
    thread = Thread.ofVirtual().name("aggregator").start(this::run);
  }

  private void run() {
    List<Subscription> subscriptions = new ArrayList<>();
    try {
      while (!cache.ready()) {
        time.sleep(READY_PERIOD);
      }
      for (GroupResource resource : FOLLOWED) {
        subscriptions.add(subscribe(resource));
      }
      while (true) {
        wake.drainPermits();
        for (int i = 0; i < FOLLOWED.size(); i++) {
          GroupResource resource = FOLLOWED.get(i);
          subscriptions.set(i, subscriptions.get(i).drained(() -> subscribe(resource)));
        }
        Optional<Duration> next = once();
        if (next.isPresent()) {
          wake.tryAcquire(next.get().toNanos(), TimeUnit.NANOSECONDS);
        } else {
          wake.acquire();
        }
      }
    } catch (InterruptedException e) {
      log.debug("APIServices are no longer followed");
    } finally {
      subscriptions.forEach(Subscription::close);
    }
  }

  private Subscription subscribe(GroupResource resource) {
    return cache.watchState(resource, Selection.namespace(""), wake::release);
  }

  /** Looks after everything; says when it is to be done again at the latest. */
  private Optional<Duration> once() throws InterruptedException {
    try {
      local.settle();
      List<Aggregated> all = List.copyOf(services.all().values());
      known.keySet().removeIf(service -> all.stream().noneMatch(one -> same(one, service)));
      hear(all);
      all.forEach(this::look);
      publish(all);
      specs.publish(all.stream().map(Aggregator::spec).toList());
      long now = time.nanos();
      // Who is being asked wakes this thread by answering.
      return known.entrySet().stream()
          .filter(one -> !inquiries.underWay(one.getKey()))
          .map(Map.Entry::getValue)
          .map(one -> Duration.ofNanos(Math.max(0, one.due() - now)))
          .min(Comparator.naturalOrder());
    } catch (ApiException | StoreUnavailableException e) {
      log.warn("APIServices: {}", e.getMessage());
      return Optional.of(UNWELL);
    } catch (RuntimeException e) {
      log.error("APIServices cannot be followed; trying again", e);
      return Optional.of(UNWELL);
    }
  }

  private static boolean same(Aggregated one, Aggregated other) {
    return spec(one).equals(spec(other));
  }

  /** Without what this class itself writes. */
  private static Aggregated spec(Aggregated service) {
    return new Aggregated(
        service.name(),
        service.group(),
        service.version(),
        service.groupPriority(),
        service.versionPriority(),
        service.serviceNamespace(),
        service.serviceName(),
        service.servicePort(),
        service.authorities(),
        service.unverified(),
        false);
  }

  /** Takes in what servers have answered, unless they are registered otherwise meanwhile. */
  private void hear(List<Aggregated> all) {
    Map<String, Condition> conditions = new LinkedHashMap<>();
    for (Inquiries.News news : inquiries.news()) {
      Aggregated key = news.service();
      if (all.stream().noneMatch(service -> same(service, key))) {
        continue;
      }
      switch (news) {
        case Inquiries.Found found -> {
          Finding finding = found.finding();
          known.put(key, known(finding, true, finding.passed() ? WELL : UNWELL, time));
          conditions.put(key.name(), finding.condition());
        }
        case Inquiries.Described described -> specs.learn(key, described.spec());
        case Inquiries.Ended ended -> {
          // The inquiries' own.
        }
      }
    }
    // Last: where that fails, what else was heard is known all the same.
    conditions.forEach(this::say);
  }

  private void look(Aggregated service) {
    Aggregated key = spec(service);
    Known before = known.get(key);
    Optional<Condition> missing = check.missing(service);
    if (missing.isPresent()) {
      known.put(key, known(new Finding(missing.get(), null), false, WELL, time));
      say(service.name(), missing.get());
    } else if (before == null || !before.asked() || before.due() - time.nanos() <= 0) {
      inquiries.begin(key, before == null ? null : before.finding());
    }
  }

  private void say(String name, Condition condition) {
    boolean said =
        cache
            .find(ApiServices.RESOURCE, ObjectKey.cluster(name))
            .flatMap(object -> Conditions.find(object, Aggregated.AVAILABLE))
            .filter(condition::equals)
            .isPresent();
    if (said) {
      return;
    }
    try {
      writes
          .writer()
          .change(
              type,
              ObjectKey.cluster(name),
              "status",
              object ->
                  Conditions.set(
                      object, condition, time.now().truncatedTo(ChronoUnit.SECONDS).toString()),
              WriteContext.internal());
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND)) {
        throw e;
      }
    }
  }

  /** What discovery tells, if it changed; a server that is away stands with what it said last. */
  private void publish(List<Aggregated> all) {
    List<Aggregated> ordered = new ArrayList<>(all);
    ordered.sort(
        Comparator.comparingLong(Aggregated::groupPriority)
            .reversed()
            .thenComparing(Aggregated::group)
            .thenComparing(Comparator.comparingLong(Aggregated::versionPriority).reversed()));
    List<Version> versions = new ArrayList<>();
    for (Aggregated service : ordered) {
      Known found = known.get(spec(service));
      var resources = found == null ? null : found.finding().resources();
      if (resources == null) {
        resources = last(service);
      }
      boolean current = found != null && found.finding().passed();
      versions.add(new Version(service.group(), service.version(), resources, current));
    }
    if (!versions.equals(served.versions())) {
      served = new Served(served.generation() + 1, List.copyOf(versions));
    }
  }

  private tools.jackson.databind.node.@Nullable ObjectNode last(Aggregated service) {
    for (Version version : served.versions()) {
      if (version.group().equals(service.group()) && version.version().equals(service.version())) {
        return version.resources();
      }
    }
    return null;
  }

  @Override
  public void close() {
    inquiries.close();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
