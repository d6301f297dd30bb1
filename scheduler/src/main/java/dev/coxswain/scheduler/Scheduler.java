package dev.coxswain.scheduler;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.binding.Announcer;
import dev.coxswain.scheduler.binding.PodReports;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import dev.coxswain.scheduler.cycle.Step;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.BudgetReader;
import dev.coxswain.scheduler.model.NodeReader;
import dev.coxswain.scheduler.model.PodReader;
import dev.coxswain.scheduler.snapshot.Gangs;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The core with threads: informers put news into the inbox, one thread owns the core, and each pod
 * that has found a node is bound on a virtual thread of its own.
 */
final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /** One wait for the first lists; the log says what is missing after each. */
  private static final Duration SYNC_PATIENCE = Duration.ofSeconds(30);

  /** The caches that are followed. */
  record Caches(
      Informer<Pod> pods,
      Informer<Node> nodes,
      Informer<Namespace> namespaces,
      Informer<PodDisruptionBudget> budgets,
      Optional<Informer<Job>> groups,
      StorageCaches storage) {}

  private final SchedulerCore core;
  private final Caches caches;
  private final PodReports reports;
  private final BindingCycle bindingCycle;
  private final SchedulerMetrics metrics;
  private final Time time;
  private final Inbox inbox;
  private final Places places;
  private final Thread owner;
  private volatile boolean leading;
  private volatile boolean closed;
  private volatile boolean synced;

  Scheduler(
      SchedulerCore core,
      Caches caches,
      PodReports reports,
      Announcer announcer,
      WaitingPods waitingPods,
      SchedulerMetrics metrics,
      Time time) {
    this.core = core;
    this.caches = caches;
    this.reports = reports;
    this.metrics = metrics;
    this.time = time;
    this.inbox = new Inbox(time);
    this.places = new Places(inbox::wake);
    this.bindingCycle = new BindingCycle(waitingPods, announcer, places);
    this.owner = Thread.ofPlatform().name("scheduling").unstarted(this::run);
    caches
        .pods()
        .handle(
            news((pod, gone) -> {
              var info = PodReader.read(pod);
              if (gone) {
                waitingPods.reject(info.key(), "the pod was deleted");
              }
              return gone ? (to, now) -> to.podGone(info, now) : (to, now) -> to.pod(info, now);
            }));
    caches
        .nodes()
        .handle(
            news((node, gone) -> {
              var spec = NodeReader.read(node);
              return gone
                  ? (to, now) -> to.nodeGone(spec.name(), now)
                  : (to, now) -> to.node(spec, now);
            }));
    caches
        .namespaces()
        .handle(
            news((namespace, gone) -> {
              String name = namespace.getMetadata().getName();
              Map<String, String> labels =
                  namespace.getMetadata().getLabels() == null
                      ? Map.of()
                      : Map.copyOf(namespace.getMetadata().getLabels());
              return gone
                  ? (to, now) -> to.namespaceGone(name)
                  : (to, now) -> to.namespace(name, labels, now);
            }));
    caches
        .budgets()
        .handle(
            news((budget, gone) -> {
              var read = BudgetReader.read(budget);
              return gone ? (to, now) -> to.budgetGone(read) : (to, now) -> to.budget(read);
            }));
    caches.groups().ifPresent(jobs -> jobs.handle(news(Scheduler::group)));
    caches.storage().all().forEach(this::follow);
  }

  /** How many of a Job's group must run at once. */
  private static Inbox.News group(Job job, boolean gone) {
    var metadata = job.getMetadata();
    Map<String, String> labels = metadata.getLabels() == null ? Map.of() : metadata.getLabels();
    int minimum = gone ? 0 : Gangs.minimum(labels).orElse(0);
    Optional<ObjectKey> name = Gangs.nameOf(metadata.getNamespace(), labels);
    return (to, now) -> name.ifPresent(gang -> to.gang(gang, minimum, now));
  }

  private <T extends HasMetadata> void follow(StorageCaches.Followed<T> storage) {
    storage
        .cache()
        .handle(
            news((object, gone) -> {
              var read = storage.reader().apply(object);
              return gone
                  ? (to, now) -> to.storageGone(read, now)
                  : (to, now) -> to.storage(read, now);
            }));
  }

  /** Reads an object, here on the informer's thread, into news for the owner. */
  private interface Reader<T> {
    Inbox.News read(T object, boolean gone);
  }

  private record About(String kind, String namespace, String name) {}

  private <T extends HasMetadata> Informer.Handler<T> news(Reader<T> reader) {
    return new Informer.Handler<>() {
      @Override
      public void added(T object) {
        put(object, false);
      }

      @Override
      public void updated(T before, T after) {
        put(after, false);
      }

      @Override
      public void deleted(T last) {
        put(last, true);
      }

      private void put(T object, boolean gone) {
        String namespace = object.getMetadata().getNamespace();
        About about =
            new About(
                object.getKind(),
                namespace == null ? "" : namespace,
                object.getMetadata().getName());
        try {
          inbox.put(about, reader.read(object, gone));
        } catch (RuntimeException e) {
          // One object that cannot be read must not stop the others.
          log.warn("{} cannot be read and is left alone: {}", about, e.toString());
        }
      }
    };
  }

  /** Follows the cluster; decides once {@link #lead} was called. */
  void start() {
    caches.nodes().start();
    caches.namespaces().start();
    caches.budgets().start();
    caches.groups().ifPresent(Informer::start);
    caches.storage().all().forEach(storage -> storage.cache().start());
    caches.pods().start();
    owner.start();
  }

  /** Starts, or stops, to decide. */
  void lead(boolean leads) {
    leading = leads;
    inbox.wake();
  }

  /** What keeps the scheduler from its work; empty when all is well. */
  Optional<String> problem() {
    if (!owner.isAlive()) {
      return Optional.of("the scheduling thread has ended");
    }
    return Optional.empty();
  }

  /** Whether the first lists have been read. */
  boolean synced() {
    return synced;
  }

  private void run() {
    try {
      await("nodes", caches.nodes());
      await("namespaces", caches.namespaces());
      await("disruption budgets", caches.budgets());
      if (caches.groups().isPresent()) {
        await("jobs", caches.groups().get());
      }
      for (StorageCaches.Followed<?> storage : caches.storage().all()) {
        await(storage.what(), storage.cache());
      }
      await("pods", caches.pods());
      synced = true;
    } catch (InterruptedException e) {
      log.debug("scheduling was stopped");
      return;
    }
    Rounds.run("scheduling", time, () -> !closed, this::turn);
  }

  private void await(String what, Informer<?> cache) throws InterruptedException {
    while (!closed && !cache.awaitSync(SYNC_PATIENCE)) {
      log.warn("still waiting for the list of {}", what);
    }
  }

  private void turn() throws InterruptedException {
    long now = time.nanos();
    for (Inbox.News news : inbox.take()) {
      try {
        news.accept(core, now);
      } catch (RuntimeException e) {
        log.error("a piece of news was lost", e);
      }
    }
    metrics.queue(core.queue());
    if (!leading) {
      inbox.await(Long.MAX_VALUE);
      return;
    }
    if (places.full()) {
      // Whoever gives a place back brings news.
      inbox.await(Long.MAX_VALUE);
      return;
    }
    Optional<Step> step = core.next(now);
    if (step.isPresent()) {
      metrics.decided(step.get(), time.nanos() - now);
      perform(step.get(), now);
      return;
    }
    OptionalLong due = core.nextDue(now);
    inbox.await(due.orElse(Long.MAX_VALUE));
  }

  private void perform(Step step, long started) throws InterruptedException {
    switch (step) {
      case Step.Bind bind -> {
        places.take();
        BindingCycle.Prepared prepared = bindingCycle.prepare(bind);
        Thread.ofVirtual().name("bind").start(() -> bind(bind, prepared, started));
      }
      case Step.Unfit unfit -> reports.unfit(unfit.queued().pod(), unfit.message(), unfit.remedy());
      case Step.Failed failed -> reports.failed(failed.queued().pod(), failed.message());
    }
  }

  private void bind(Step.Bind bind, BindingCycle.Prepared prepared, long started) {
    try {
      BindingCycle.Outcome outcome = bindingCycle.run(bind, prepared, reports::withdraw);
      switch (outcome) {
        case BindingCycle.Outcome.Bound() -> {
          metrics.bound(bind, started, time.nanos());
          inbox.put(bind, (to, now) -> to.bound(bind.queued()));
        }
        case BindingCycle.Outcome.Rejected(String plugin, String message) -> {
          metrics.notBound(bind, true, started, time.nanos());
          reports.unfit(
              bind.pod(),
              message,
              new dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy.Wait(""));
          inbox.put(bind, (to, now) -> to.notBound(bind.queued(), Optional.of(plugin), now));
        }
        case BindingCycle.Outcome.Failed(String message) -> {
          metrics.notBound(bind, false, started, time.nanos());
          log.warn("pod {} was not bound to {}: {}", bind.pod().key(), bind.node(), message);
          reports.failed(bind.pod(), message);
          inbox.put(bind, (to, now) -> to.notBound(bind.queued(), Optional.empty(), now));
        }
      }
    } catch (RuntimeException bug) {
      log.error("pod {} was not bound: {}", bind.pod().key(), Rounds.line(bug));
      inbox.put(bind, (to, now) -> to.notBound(bind.queued(), Optional.empty(), now));
    } finally {
      places.giveBack();
    }
  }

  /** Decides nothing more; what is being bound may still be bound. */
  @Override
  public void close() {
    closed = true;
    leading = false;
    caches.pods().close();
    caches.nodes().close();
    caches.namespaces().close();
    caches.budgets().close();
    caches.groups().ifPresent(Informer::close);
    caches.storage().all().forEach(storage -> storage.cache().close());
    reports.close();
    owner.interrupt();
    try {
      owner.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
