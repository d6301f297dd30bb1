package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The informer over a {@link ResourceClient}, on one virtual thread. Cached objects carry no
 * managedFields: nobody reads them and they are half of many objects.
 */
public final class ListWatchInformer<T extends HasMetadata> implements Informer<T> {
  private static final Logger LOG = LoggerFactory.getLogger(ListWatchInformer.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** A refused connection costs a server nothing, and everybody waits for its return. */
  private static final Duration LONGEST_PAUSE_UNREACHED = Duration.ofSeconds(1);

  private final String name;
  private final ResourceClient<T> client;
  private final String namespace;
  private final ListOptions options;
  private final Time time;
  private final Backoff backoff;
  private final Backoff unreached;
  private final ObjectCache<T> cache = new ObjectCache<>();
  private final CountDownLatch synced = new CountDownLatch(1);
  private volatile boolean closed;
  private volatile @Nullable Watch<T> watch;
  private volatile @Nullable Thread thread;

  /** What to log next time: only the first failure of a row is news. */
  private boolean failing;

  /** The version to go on from; null when only a list can tell. */
  private @Nullable String version;

  /** An informer on all of a resource. */
  public static <T extends HasMetadata> ListWatchInformer<T> of(
      ApiClient client, Class<T> type, Time time, Randomness random) {
    return of(client, type, "", ListOptions.ALL, time, random);
  }

  /** An informer on a selection; all namespaces for the empty string. */
  public static <T extends HasMetadata> ListWatchInformer<T> of(
      ApiClient client,
      Class<T> type,
      String namespace,
      ListOptions options,
      Time time,
      Randomness random) {
    return new ListWatchInformer<>(
        ResourceModel.of(type).resource().toString(),
        client.resource(type),
        namespace,
        options,
        time,
        random);
  }

  /** An informer on the metadata of a resource's objects, in all namespaces. */
  public static ListWatchInformer<PartialObjectMetadata> metadata(
      ApiClient client, ServedResource resource, Time time, Randomness random) {
    return new ListWatchInformer<>(
        resource.resource().toString(),
        client.metadata(resource),
        "",
        ListOptions.ALL,
        time,
        random);
  }

  private ListWatchInformer(
      String name,
      ResourceClient<T> client,
      String namespace,
      ListOptions options,
      Time time,
      Randomness random) {
    this.name = name;
    this.client = client;
    this.namespace = namespace;
    this.options = options;
    this.time = time;
    this.backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random);
    this.unreached = new Backoff(FIRST_PAUSE, LONGEST_PAUSE_UNREACHED, random);
  }

  @Override
  public void start() {
    if (thread != null) {
      throw new IllegalStateException("the informer on " + name + " has been started before");
    }
    Thread starting = Thread.ofVirtual().name("informer-" + name).unstarted(this::run);
    // Before it runs, so that whoever closes this meanwhile ends its waiting, too.
    thread = starting;
    starting.start();
  }

  private void run() {
    while (!closed) {
      try {
        if (version == null) {
          list();
        }
        boolean heard = watch();
        if (!heard && !closed) {
          // A server that ends watches at once must not be asked in a tight loop.
          time.sleep(backoff.next());
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (!pauseAfter(e)) {
          return;
        }
      }
    }
  }

  private void list() {
    ObjectList<T> list = client.list(namespace, options);
    list.items().forEach(ListWatchInformer::slim);
    cache.replace(list.items());
    version = list.resourceVersion();
    synced.countDown();
    recovered();
  }

  /** Follows one watch to its end; whether anything came. */
  private boolean watch() throws InterruptedException {
    boolean heard = false;
    String from = version;
    if (from == null) {
      return true;
    }
    long opened = time.nanos();
    try (Watch<T> open = client.watch(namespace, options, from)) {
      watch = open;
      while (!closed) {
        WatchEvent<T> event = open.next();
        if (event == null) {
          return heard;
        }
        if (!heard) {
          heard = true;
          recovered();
        }
        deliver(event);
      }
      return true;
    } finally {
      watch = null;
      if (time.nanos() - opened > LONGEST_PAUSE.toNanos()) {
        // It was quiet, not broken.
        backoff.reset();
      }
    }
  }

  private void deliver(WatchEvent<T> event) {
    String seen =
        switch (event) {
          case WatchEvent.Added<T> added -> slim(added.object());
          case WatchEvent.Modified<T> modified -> slim(modified.object());
          case WatchEvent.Deleted<T> deleted -> slim(deleted.object());
          case WatchEvent.Bookmark<T> bookmark -> bookmark.resourceVersion();
        };
    cache.apply(event);
    if (!seen.isEmpty()) {
      version = seen;
    }
  }

  /** Drops what nobody reads and tells the object's version. */
  private static String slim(HasMetadata object) {
    object.getMetadata().setManagedFields(List.of());
    String version = object.getMetadata().getResourceVersion();
    return version == null ? "" : version;
  }

  private void recovered() {
    backoff.reset();
    unreached.reset();
    if (failing) {
      failing = false;
      LOG.info("{}: the list and watch goes on", name);
    }
  }

  /** Backs off; false when closed meanwhile. */
  private boolean pauseAfter(RuntimeException failure) {
    boolean expired =
        failure instanceof ApiException api
            && (api.is(StatusReason.EXPIRED) || api.is(StatusReason.GONE));
    if (expired) {
      version = null;
    }
    if (closed) {
      return false;
    }
    // That the connection went is said once for the whole process, by the client.
    boolean connection =
        failure instanceof ApiException api
            && (api.is(StatusReason.SERVICE_UNAVAILABLE) || api.is(StatusReason.TIMEOUT));
    if (!failing && !expired && !connection) {
      failing = true;
      LOG.warn("{}: the list and watch fails and is tried again: {}", name, failure.getMessage());
    } else {
      LOG.debug("{}: the list and watch broke: {}", name, failure.getMessage());
    }
    try {
      time.sleep(connection ? unreached.next() : backoff.next());
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Override
  public boolean awaitSync(Duration timeout) throws InterruptedException {
    return synced.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public Optional<T> find(ObjectKey key) {
    return cache.find(key);
  }

  @Override
  public Collection<T> all() {
    return cache.all();
  }

  @Override
  public Collection<T> byIndex(String index, String value) {
    return cache.byIndex(index, value);
  }

  @Override
  public void handle(Handler<T> handler) {
    refuseAfterStart();
    cache.handle(handler);
  }

  @Override
  public void index(String indexName, IndexFunction<T> function) {
    refuseAfterStart();
    cache.index(indexName, function);
  }

  private void refuseAfterStart() {
    if (thread != null) {
      throw new IllegalStateException("the informer on " + name + " has already been started");
    }
  }

  @Override
  public void close() {
    closed = true;
    Watch<T> open = watch;
    if (open != null) {
      open.close();
    }
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
