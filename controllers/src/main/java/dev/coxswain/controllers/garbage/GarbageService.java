package dev.coxswain.controllers.garbage;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.census.Census;
import dev.coxswain.controllers.manager.ControllerManager;
import dev.coxswain.controllers.manager.KeyQueue;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Discovered;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ServedResource;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the collector: follows the metadata of every kind that discovery tells of, learns of new
 * kinds when a CustomResourceDefinition or APIService changes, and lets a few workers look at what
 * the graph finds suspicious.
 */
public final class GarbageService implements ControllerManager.Background {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageService.class);

  /** The collector's name, by which it is told of and turned off. */
  public static final String NAME = "garbage-collector-controller";

  private static final int WORKERS = 10;

  /** The queue's key that stands for reading discovery again; no uid looks like it. */
  private static final String DISCOVERY = "discovery";

  /** A new kind is served a moment after its definition changed. */
  private static final Duration DISCOVERY_DELAY = Duration.ofSeconds(1);

  private static final Duration LIST_PATIENCE = Duration.ofSeconds(30);

  /** Kinds that own nothing and are owned by nobody, and are many. */
  private static final Set<GroupResource> IGNORED =
      Set.of(new GroupResource("", "events"), new GroupResource("events.k8s.io", "events"));

  private static final Set<GroupResource> DEFINITIONS =
      Set.of(
          new GroupResource("apiextensions.k8s.io", "customresourcedefinitions"),
          new GroupResource("apiregistration.k8s.io", "apiservices"));

  private final ApiClient api;
  private final Function<ServedResource, Informer<PartialObjectMetadata>> informerFactory;
  private final OwnerGraph graph = new OwnerGraph();
  private final Census census;
  private final GarbageCollector collector;
  private final KeyQueue<String> queue;

  /** Also the lock of what is in it and of {@link #closed}. */
  private final Map<GroupResource, Informer<PartialObjectMetadata>> informers = new HashMap<>();

  private final List<Thread> workers = new CopyOnWriteArrayList<>();
  private volatile boolean following;
  private boolean closed;

  /**
   * @param informerFactory makes the cache of a kind's metadata; this starts and closes it
   * @param census is told of every object, for those who count them
   * @param events where people are told what is wrong with an object
   */
  public GarbageService(
      ApiClient api,
      Function<ServedResource, Informer<PartialObjectMetadata>> informerFactory,
      Census census,
      ControllerManager.EventSink events,
      Time time,
      Randomness random) {
    this.api = api;
    this.informerFactory = informerFactory;
    this.census = census;
    this.collector = new GarbageCollector(graph, api, events);
    this.queue = new KeyQueue<>(time, random);
  }

  @Override
  public void start() {
    queue.add(DISCOVERY);
    workers.add(Thread.ofVirtual().name("garbage-collector").start(this::listThenWork));
  }

  /** Nothing is looked at before all kinds are listed: most owners are only not known yet. */
  private void listThenWork() {
    try {
      while (!following) {
        Optional<String> key = queue.take();
        if (key.isEmpty()) {
          return;
        }
        step(key.get());
      }
      List<Informer<PartialObjectMetadata>> opened;
      synchronized (informers) {
        opened = List.copyOf(informers.values());
      }
      for (Informer<PartialObjectMetadata> informer : opened) {
        if (!informer.awaitSync(LIST_PATIENCE)) {
          LOG.warn("garbage collector: begins although not every kind could be listed yet");
          break;
        }
      }
      for (int i = 1; i < WORKERS; i++) {
        workers.add(Thread.ofVirtual().name("garbage-collector-" + i).start(this::work));
      }
      work();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    queue.close();
    workers.forEach(Thread::interrupt);
    synchronized (informers) {
      closed = true;
      informers.values().forEach(Informer::close);
      informers.clear();
    }
  }

  private void work() {
    try {
      for (Optional<String> key = queue.take(); key.isPresent(); key = queue.take()) {
        step(key.get());
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(String key) {
    try {
      if (key.equals(DISCOVERY)) {
        Discovered discovered = api.discover();
        follow(discovered);
        if (!discovered.complete()) {
          throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, discovered.problem());
        }
      } else {
        collector.step(key).forEach(queue::add);
      }
      queue.done(key);
    } catch (RuntimeException failure) {
      Duration pause = queue.failed(key);
      boolean contradicted =
          failure instanceof ApiException refused && refused.is(StatusReason.CONFLICT);
      if (failure instanceof ApiException) {
        LOG.atLevel(contradicted ? org.slf4j.event.Level.DEBUG : org.slf4j.event.Level.INFO)
            .log(
                "garbage collector: {}: tried again in {} ms: {}",
                key,
                pause.toMillis(),
                failure.getMessage());
      } else {
        LOG.error("garbage collector: {}: tried again in {} ms", key, pause.toMillis(), failure);
      }
    }
  }

  /**
   * Opens the caches of new kinds and closes those of kinds that are gone. What a server that is
   * away did not tell of is not gone.
   */
  private void follow(Discovered discovered) {
    List<ServedResource> served = discovered.resources();
    collector.serve(served);
    following = true;
    var wanted = new HashSet<GroupResource>();
    synchronized (informers) {
      if (closed) {
        return;
      }
      for (ServedResource resource : served) {
        if (resource.supports("list", "watch", "delete", "patch")
            && !IGNORED.contains(resource.resource())
            && wanted.add(resource.resource())
            && !informers.containsKey(resource.resource())) {
          open(resource);
        }
      }
      informers
          .entrySet()
          .removeIf(entry -> {
            boolean gone =
                !wanted.contains(entry.getKey()) && !discovered.lacks(entry.getKey().group());
            if (gone) {
              entry.getValue().close();
              census.forget(entry.getKey());
              graph.uidsOf(entry.getKey()).forEach(uid -> graph.remove(uid).forEach(queue::add));
            }
            return gone;
          });
    }
  }

  private void open(ServedResource resource) {
    Informer<PartialObjectMetadata> informer = informerFactory.apply(resource);
    informer.handle(new GraphFeed(resource, graph, queue::add));
    informer.handle(census.counter(resource.resource()));
    if (DEFINITIONS.contains(resource.resource())) {
      informer.handle(
          new Informer.Handler<>() {
            @Override
            public void added(PartialObjectMetadata object) {
              rediscover();
            }

            @Override
            public void updated(PartialObjectMetadata before, PartialObjectMetadata after) {
              rediscover();
            }

            @Override
            public void deleted(PartialObjectMetadata last) {
              rediscover();
            }
          });
    }
    informers.put(resource.resource(), informer);
    informer.start();
  }

  private void rediscover() {
    queue.addAfter(DISCOVERY, DISCOVERY_DELAY);
  }
}
