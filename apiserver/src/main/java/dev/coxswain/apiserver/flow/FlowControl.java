package dev.coxswain.apiserver.flow;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.apiserver.request.Turnstile;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.runtime.time.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Gives each request a seat of its priority level, or a place in one of the level's queues. A
 * request that need not wait costs a look at the schemas and a lock that is held for some
 * additions.
 */
public final class FlowControl implements Turnstile {
  /** How long a request waits at most: upstream's quarter of a request's time. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** How many listed objects are worth a seat, and how many seats a list may take: upstream's. */
  private static final int OBJECTS_PER_SEAT = 100;

  private static final int WIDEST_LIST = 10;

  private final ObjectView view;
  private final ToIntFunction<GroupResource> sizes;
  private final Time time;
  private final FlowMetrics metrics;
  private final ReentrantLock lock = new ReentrantLock();
  private final FairQueues queues;
  private volatile @Nullable Configuration configuration;

  /**
   * Controls.
   *
   * @param seats how many requests are answered at once
   * @param view where the schemas and levels are
   * @param sizes how many objects a resource has
   */
  public FlowControl(
      int seats,
      ObjectView view,
      ToIntFunction<GroupResource> sizes,
      PrometheusRegistry registry,
      Time time) {
    this.queues = new FairQueues(seats);
    this.view = view;
    this.sizes = sizes;
    this.time = time;
    this.metrics = new FlowMetrics(registry, this::levels, this::routes);
  }

  private List<FlowMetrics.LevelCounts> levels() {
    lock.lock();
    try {
      return queues.levels().stream()
          .map(
              level -> new FlowMetrics.LevelCounts(level.spec.name(), level.nominal, level.running))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private List<FlowMetrics.RouteCounts> routes() {
    Configuration known = configuration;
    if (known == null) {
      return List.of();
    }
    lock.lock();
    try {
      return known.routes().stream()
          .map(route ->
              new FlowMetrics.RouteCounts(
                  route.level().name(),
                  route.schema().name(),
                  route.counts().waiting,
                  route.counts().running))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Seat enter(Exchange exchange, RequestInfo info, Query query, UserInfo user)
      throws InterruptedException {
    Attributes attributes = info.attributes(user);
    Route route = current().route(attributes);
    header(exchange, "X-Kubernetes-PF-FlowSchema-UID", route.schema().uid());
    header(exchange, "X-Kubernetes-PF-PriorityLevel-UID", route.level().uid());
    int width = width(info, query);
    long flow = route.schema().flow(attributes);
    Ticket ticket;
    boolean waits;
    lock.lock();
    try {
      Level level = queues.level(route.level().name());
      if (level == null) {
        // It was taken away since the schema was looked up.
        throw tooMany(route, "concurrency-limit");
      }
      ticket = queues.arrive(level, flow, width, time.nanos());
      waits = ticket.state == Ticket.State.WAITING;
      route.counts().waiting += waits ? 1 : 0;
      route.counts().running += ticket.state == Ticket.State.RUNNING ? 1 : 0;
    } finally {
      lock.unlock();
    }
    if (waits) {
      await(exchange, route, ticket);
    } else if (ticket.state == Ticket.State.REFUSED) {
      throw tooMany(route, route.level().queuing() == null ? "concurrency-limit" : "queue-full");
    }
    metrics.dispatched(route);
    return () -> finish(route, ticket);
  }

  private static void header(Exchange exchange, String name, String uid) {
    if (!uid.isEmpty()) {
      exchange.header(name, uid);
    }
  }

  private Configuration current() {
    Configuration known = configuration;
    if (known != null && known.holds(view)) {
      return known;
    }
    lock.lock();
    try {
      Configuration fresh = configuration;
      if (fresh == null || !fresh.holds(view)) {
        fresh = Configuration.read(view);
        queues.configure(fresh.levels(), time.nanos());
        configuration = fresh;
      }
      return fresh;
    } finally {
      lock.unlock();
    }
  }

  /** How many seats a request is worth: a list by how much it lists. */
  private int width(RequestInfo info, Query query) {
    if (!info.verb().equals("list") || !info.name().isEmpty()) {
      return 1;
    }
    long objects = sizes.applyAsInt(new GroupResource(info.group(), info.resource()));
    String limit = query.text("limit");
    if (!limit.isEmpty() && limit.length() < 7 && limit.chars().allMatch(Character::isDigit)) {
      int wanted = Integer.parseInt(limit);
      objects = wanted == 0 ? objects : Math.min(objects, wanted);
    }
    return Math.clamp(Math.ceilDiv(objects, OBJECTS_PER_SEAT), 1, WIDEST_LIST);
  }

  private void await(Exchange exchange, Route route, Ticket ticket) throws InterruptedException {
    exchange.onClosed(() -> leave(ticket));
    boolean decided = false;
    boolean interrupted = true;
    try {
      decided = ticket.decided.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      interrupted = false;
    } finally {
      if (!decided) {
        leave(ticket);
      }
      lock.lock();
      try {
        route.counts().waiting--;
        route.counts().running += ticket.state == Ticket.State.RUNNING ? 1 : 0;
      } finally {
        lock.unlock();
      }
      metrics.waited(
          route,
          ticket.state == Ticket.State.RUNNING,
          Duration.ofNanos(time.nanos() - ticket.arrived));
      if (interrupted && ticket.state == Ticket.State.RUNNING) {
        // It had begun before it could leave; nobody else gives its seat back.
        finish(route, ticket);
      }
    }
    if (ticket.state != Ticket.State.RUNNING) {
      throw tooMany(route, decided ? "cancelled" : "time-out");
    }
  }

  private void leave(Ticket ticket) {
    lock.lock();
    try {
      queues.leave(ticket, time.nanos());
    } finally {
      lock.unlock();
    }
  }

  private void finish(Route route, Ticket ticket) {
    lock.lock();
    try {
      route.counts().running--;
      queues.finish(ticket, time.nanos());
    } finally {
      lock.unlock();
    }
  }

  private ApiException tooMany(Route route, String why) {
    metrics.rejected(route, why);
    return new ApiException(
        new ApiStatus(
            StatusReason.TOO_MANY_REQUESTS.code(),
            StatusReason.TOO_MANY_REQUESTS,
            "too many requests, please try again later",
            new ApiStatus.Details("", "", "", "", List.of(), 1)));
  }
}
