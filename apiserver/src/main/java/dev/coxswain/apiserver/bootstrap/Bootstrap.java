package dev.coxswain.apiserver.bootstrap;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authz.rbac.BootstrapPolicy;
import dev.coxswain.apiserver.authz.rbac.BootstrapReconciler;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import dev.coxswain.apiserver.flow.FlowObjects;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreUnavailableException;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes what every cluster starts with, and keeps it: namespaces, roles, priority classes, the
 * range of Services' addresses, the {@code kubernetes} Service with the addresses of the API
 * servers that are alive, and the Lease that identifies this one.
 */
public final class Bootstrap implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bootstrap.class);

  /** How often it is looked after. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** How soon it is tried again after a failure, and how often the cache is asked at the start. */
  private static final Duration RETRY = Duration.ofMillis(500);

  /** How long it may take to leave off what it is at. */
  private static final Duration STOP = Duration.ofSeconds(5);

  /** Every how many periods the roles are looked after. */
  private static final int ROLE_PERIODS = 30;

  /** Every how many periods the Leases of servers that are gone are: once an hour. */
  private static final int LEASE_PERIODS = 360;

  private static final Condition RANGE_READY =
      new Condition("Ready", "True", "", "Kubernetes default Service CIDR is ready");

  private final Settings settings;
  private final Ensure ensure;
  private final ServerLeases leases;
  private final ServerIdentity identity;
  private final BooleanSupplier cacheReady;
  private final Time time;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable Thread thread;

  /**
   * Facts about this server.
   *
   * @param address the address at which the cluster reaches it
   * @param port its port
   * @param serviceRange the range of Services' addresses
   * @param serviceAddress the {@code kubernetes} Service's address
   * @param reconcileEndpoints whether the Service's endpoints are this server's to keep
   * @param extensionAuthentication the config map that tells aggregated servers whom to believe
   */
  public record Settings(
      String address,
      int port,
      String serviceRange,
      String serviceAddress,
      boolean reconcileEndpoints,
      ObjectNode extensionAuthentication) {}

  /** Prepares; {@link #start} does the work. */
  public Bootstrap(
      Settings settings,
      Store store,
      ResourceRegistry registry,
      ObjectReader reader,
      ObjectWriter writer,
      ServerIdentity identity,
      BooleanSupplier cacheReady,
      Time time) {
    this.settings = settings;
    this.ensure = new Ensure(registry, reader, writer);
    this.leases = new ServerLeases(store, settings.address());
    this.identity = identity;
    this.cacheReady = cacheReady;
    this.time = time;
  }

  /** Starts the thread. */
  public void start() {
    thread = Thread.ofVirtual().name("bootstrap").start(this::run);
  }

  /** Whether everything has been there once. */
  public boolean done() {
    return done.getCount() == 0;
  }

  /** Waits until everything has been there once, but no longer than this. */
  public void awaitDone(Duration limit) throws InterruptedException {
    done.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run() {
    int round = 0;
    try {
      while (!cacheReady.getAsBoolean()) {
        time.sleep(Duration.ofMillis(20));
      }
      while (true) {
        boolean well = once(round % ROLE_PERIODS == 0, round % LEASE_PERIODS == 0);
        if (well) {
          done.countDown();
          round++;
        }
        time.sleep(well ? PERIOD : RETRY);
      }
    } catch (InterruptedException e) {
      log.debug("bootstrap stops");
    }
  }

  private boolean once(boolean roles, boolean others) throws InterruptedException {
    try {
      together(SystemObjects.NAMESPACES, name -> ensure.present(SystemObjects.namespace(name)));
      if (roles) {
        together(
            BootstrapPolicy.objects(),
            object -> ensure.present(object, BootstrapReconciler::reconcile));
        together(SystemObjects.priorityClasses(), ensure::present);
        together(FlowObjects.all(), object -> ensure.present(object, FlowObjects::reconcile));
      }
      ensure.present(
          settings.extensionAuthentication(),
          (present, wanted) -> takeOver(present, wanted, "data"));
      ObjectNode range = SystemObjects.serviceRange(settings.serviceRange());
      ensure.present(range);
      ensure.condition(range, RANGE_READY, time.now());
      ensure.present(SystemObjects.kubernetesService(settings.serviceAddress(), settings.port()));
      if (settings.reconcileEndpoints()) {
        leases.renew();
        publish();
      }
      identity.renew();
      if (others) {
        identity.clean();
      }
      return true;
    } catch (ApiException | StoreUnavailableException e) {
      log.warn("the system's own objects cannot be made: {}", e.getMessage());
      return false;
    } catch (RuntimeException e) {
      log.error("the system's own objects cannot be made; trying again", e);
      return false;
    }
  }

  /** Makes one of the system's objects be there. */
  @FunctionalInterface
  private interface Making<T> {
    void make(T object) throws InterruptedException;
  }

  /** All at once: the store flushes them in a few batches instead of one by one. */
  private static <T> void together(Collection<T> objects, Making<T> making)
      throws InterruptedException {
    List<Callable<@Nullable Void>> tasks = new ArrayList<>();
    for (T object : objects) {
      tasks.add(() -> {
        making.make(object);
        return null;
      });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<?> task : threads.invokeAll(tasks)) {
        task.get();
      }
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(failed.getCause());
    }
  }

  private void publish() throws InterruptedException {
    List<String> alive = leases.alive();
    if (alive.isEmpty()) {
      return;
    }
    ensure.present(
        SystemObjects.kubernetesEndpoints(alive, settings.port()),
        (stored, wanted) -> takeOver(stored, wanted, "subsets"));
    ensure.present(
        SystemObjects.kubernetesSlice(alive, settings.port()),
        (stored, wanted) -> takeOver(stored, wanted, "endpoints"));
  }

  private static Optional<ObjectNode> takeOver(ObjectNode stored, ObjectNode wanted, String field) {
    JsonNode value = wanted.path(field);
    if (stored.path(field).equals(value)) {
      return Optional.empty();
    }
    ObjectNode next = stored.deepCopy();
    next.set(field, value.deepCopy());
    next.set("ports", wanted.path("ports").deepCopy());
    if (wanted.path("ports").isMissingNode()) {
      next.remove("ports");
    }
    return Optional.of(next);
  }

  /** Takes this server out of the Service, so that nobody is sent to one that is gone. */
  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        // Else it might renew what is released here.
        running.join(STOP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (done() && settings.reconcileEndpoints()) {
      try {
        leases.release();
        publish();
      } catch (ApiException | StoreUnavailableException e) {
        log.info("this server's address stays until its lease ends: {}", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
