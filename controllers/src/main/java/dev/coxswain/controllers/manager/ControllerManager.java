package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs controllers for one term of leadership: one cache for each kind that any of them reads, one
 * queue and a few workers for each of them. It starts with fresh lists, so that whatever an earlier
 * leader wrote is seen, and is not started again after its close.
 */
public final class ControllerManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerManager.class);
  private static final Duration SYNC_NOTICE = Duration.ofSeconds(30);
  private static final Duration STOP_DEADLINE = Duration.ofSeconds(5);

  private final ApiClient api;
  private final InformerFactory factory;
  private final EventSink events;
  private final ManagerMetrics metrics;
  private final Time time;
  private final Randomness random;
  private final Map<Class<?>, Informer<?>> informers = new LinkedHashMap<>();
  private final Map<Class<?>, Watches.Selection> selections = new LinkedHashMap<>();
  private final List<Running<?>> controllers = new ArrayList<>();
  private final List<Background> background = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  /** Makes the cache of a kind; the manager starts and closes it. */
  public interface InformerFactory {
    <S extends HasMetadata> Informer<S> informer(
        Class<S> type, String namespace, ListOptions options);
  }

  private record Running<T extends HasMetadata>(
      ControllerLoop<T> loop, KeyQueue<ObjectKey> queue) {}

  /**
   * @param events where controllers tell people what happened
   */
  public ControllerManager(
      ApiClient api,
      InformerFactory factory,
      EventSink events,
      ManagerMetrics metrics,
      Time time,
      Randomness random) {
    this.api = api;
    this.factory = factory;
    this.events = events;
    this.metrics = metrics;
    this.time = time;
    this.random = random;
  }

  /** Adds a controller before the start. */
  public <T extends HasMetadata> void add(Reconciler<T> reconciler) {
    var view = new InformerView(informers, time);
    var loop =
        new ControllerLoop<>(
            reconciler,
            view,
            api,
            time,
            (key, pending) ->
                new ApiActions(
                    key,
                    pending,
                    api,
                    new ManagedSupport(reconciler.name(), events, metrics, random)));
    controllers.add(new Running<>(loop, new KeyQueue<>(time, random)));
  }

  /** Where controllers tell people what happened. */
  public EventSink events() {
    return events;
  }

  /** Adds what is no reconciler but runs for the same term. */
  public void add(Background other) {
    background.add(other);
  }

  /**
   * Lists everything, then lets the controllers work. Whoever closes the manager does so from
   * another thread, at any moment: what is not begun by then never is.
   *
   * @throws InterruptedException when the term ended before the lists had come
   */
  public void start() throws InterruptedException {
    if (!beginToList()) {
      return;
    }
    for (Map.Entry<Class<?>, Informer<?>> informer : informers.entrySet()) {
      while (!informer.getValue().awaitSync(SYNC_NOTICE)) {
        LOG.warn(
            "still waiting for the first list of {}",
            HasMetadata.getKind(informer.getKey().asSubclass(HasMetadata.class)));
      }
    }
    if (beginToWork()) {
      LOG.info(
          "{} controllers work on {} kinds",
          controllers.size() + background.size(),
          informers.size());
    }
  }

  /** False when the term is over. The caches are those of this call from then on. */
  private synchronized boolean beginToList() {
    if (closed) {
      return false;
    }
    for (Running<?> controller : controllers) {
      declare(controller.loop().watches());
    }
    selections.forEach((kind, selection) -> open(kind.asSubclass(HasMetadata.class), selection));
    for (Running<?> controller : controllers) {
      controller.loop().watches().indexes().forEach(this::addIndex);
      for (Class<? extends HasMetadata> kind : controller.loop().watches().kinds()) {
        follow(controller, kind);
      }
    }
    controllers.forEach(controller -> controller.loop().heed(controller.queue()::add));
    informers.values().forEach(Informer::start);
    return true;
  }

  /** False when the term is over. The threads are those of this call from then on. */
  private synchronized boolean beginToWork() throws InterruptedException {
    if (closed) {
      return false;
    }
    for (Running<?> controller : controllers) {
      metrics.depth(controller.loop().name(), controller.queue()::depth);
      for (int i = 0; i < controller.loop().watches().workers(); i++) {
        threads.add(
            Thread.ofVirtual()
                .name(controller.loop().name() + "-" + i)
                .start(() -> work(controller)));
      }
    }
    for (Background other : background) {
      other.start();
    }
    return true;
  }

  /** Stops taking up work, lets what runs finish for a moment, and closes the caches. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    controllers.forEach(controller -> controller.queue().close());
    background.forEach(Background::close);
    long deadline = time.nanos() + STOP_DEADLINE.toNanos();
    for (Thread thread : threads) {
      try {
        Duration left = Duration.ofNanos(deadline - time.nanos());
        if (left.isNegative() || !thread.join(left)) {
          thread.interrupt();
        }
      } catch (InterruptedException hurry) {
        Thread.currentThread().interrupt();
        thread.interrupt();
      }
    }
    informers.values().forEach(Informer::close);
  }

  private void declare(Watches<?> watches) {
    for (Class<? extends HasMetadata> kind : watches.kinds()) {
      Watches.Selection wanted = watches.selection(kind);
      Watches.Selection before = selections.putIfAbsent(kind, wanted);
      if (before != null && !before.equals(wanted)) {
        throw new IllegalStateException(
            "controllers disagree on which part of "
                + HasMetadata.getKind(kind)
                + " is cached: "
                + before
                + " or "
                + wanted);
      }
    }
  }

  private <S extends HasMetadata> void open(Class<S> kind, Watches.Selection selection) {
    Informer<S> informer = factory.informer(kind, selection.namespace(), selection.options());
    InformerView.addIndexes(informer);
    informers.put(kind, informer);
  }

  private <S extends HasMetadata> void addIndex(Watches.Index<S> index) {
    informer(index.type()).index(index.name(), index.function());
  }

  private <S extends HasMetadata> void follow(Running<?> controller, Class<S> kind) {
    informer(kind)
        .handle(
            new Informer.Handler<>() {
              @Override
              public void added(S object) {
                wake(controller, kind, new Change<>(null, object));
              }

              @Override
              public void updated(S before, S after) {
                wake(controller, kind, new Change<>(before, after));
              }

              @Override
              public void deleted(S last) {
                wake(controller, kind, new Change<>(last, null));
              }
            });
  }

  @SuppressWarnings("unchecked") // the map is filled with an informer of the key's class
  private <S extends HasMetadata> Informer<S> informer(Class<S> kind) {
    return (Informer<S>) Objects.requireNonNull(informers.get(kind));
  }

  private static <S extends HasMetadata> void wake(
      Running<?> controller, Class<S> kind, Change<S> change) {
    controller.loop().woken(kind, change).forEach(controller.queue()::add);
  }

  private void work(Running<?> controller) {
    try {
      while (!closed) {
        var key = controller.queue().take();
        if (key.isEmpty()) {
          return;
        }
        step(controller, key.get());
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(Running<?> controller, ObjectKey key) {
    long started = time.nanos();
    String result = "success";
    try {
      switch (controller.loop().step(key)) {
        case Outcome.Done() -> controller.queue().done(key);
        case Outcome.Again(Duration after) -> controller.queue().doneUntil(key, after);
      }
    } catch (RuntimeException failure) {
      result = "error";
      Duration pause = controller.queue().failed(key);
      complain(controller.loop().name(), key, failure, pause);
    }
    metrics.reconciled(controller.loop().name(), result, time.nanos() - started);
  }

  private void complain(
      String controller, ObjectKey key, RuntimeException failure, Duration pause) {
    if (closed) {
      return;
    }
    if (failure instanceof ApiException refused) {
      if (refused.is(StatusReason.CONFLICT) || refused.is(StatusReason.NOT_FOUND)) {
        LOG.debug("{} {}: somebody was faster: {}", controller, key, refused.getMessage());
      } else {
        LOG.warn(
            "{} {}: tried again in {} ms: {}",
            controller,
            key,
            pause.toMillis(),
            refused.getMessage());
      }
    } else {
      LOG.error("{} {}: tried again in {} ms", controller, key, pause.toMillis(), failure);
    }
  }

  /** A part of the process that is no reconciler: the garbage collector. */
  public interface Background extends AutoCloseable {
    /** Starts its threads. */
    void start() throws InterruptedException;

    @Override
    void close();
  }

  /** Where events go; the runtime's recorders for real. */
  @FunctionalInterface
  public interface EventSink {
    void event(
        String controller, HasMetadata about, boolean warning, String reason, String message);
  }
}
