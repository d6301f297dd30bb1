package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.FakeFaults;
import dev.coxswain.runtime.client.FakeInformer;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Controllers against an API server in memory on one thread, the order of everything chosen by a
 * seed: which cache hears of what when, which key is reconciled next, what the actors (a kubelet, a
 * user) do meanwhile, which call fails.
 */
public final class Simulation {
  /** Far more steps than any test needs; reaching it means that controllers chase each other. */
  private static final int STEPS_TO_SETTLE = 50_000;

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int KEPT_LOG_LINES = 60;

  private final long seed;
  private final Randomness random;
  private final ManualTime time = new ManualTime();
  private final FakeApi api;
  private final List<Function<FakeApi, Reconciler<?>>> reconcilers;
  private final List<BooleanSupplier> actors = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final Set<Work<?>> ready = new LinkedHashSet<>();
  private final Map<Class<?>, Informer<?>> informers = new HashMap<>();
  private List<ControllerLoop<?>> loops = List.of();
  private int incarnation;
  private FakeFaults faults = FakeFaults.NONE;

  /** What a controller told people. */
  public record Event(String about, boolean warning, String reason, String message) {}

  private record Work<T extends HasMetadata>(ControllerLoop<T> loop, ObjectKey key) {}

  public Simulation(long seed, Reconciler<?>... reconcilers) {
    this(
        seed,
        Stream.of(reconcilers)
            .<Function<FakeApi, Reconciler<?>>>map(reconciler -> api -> reconciler)
            .toList());
  }

  private Simulation(long seed, List<Function<FakeApi, Reconciler<?>>> reconcilers) {
    this.seed = seed;
    this.random = Randomness.seeded(seed);
    this.api = new FakeApi(time, random);
    this.reconcilers = reconcilers;
  }

  /** For controllers that talk to the API server themselves, or that must forget at a restart. */
  public static Simulation of(long seed, List<Function<FakeApi, Reconciler<?>>> reconcilers) {
    return new Simulation(seed, reconcilers);
  }

  public FakeApi api() {
    return api;
  }

  public ManualTime time() {
    return time;
  }

  public Randomness random() {
    return random;
  }

  public List<Event> events() {
    return List.copyOf(events);
  }

  /**
   * Somebody else in the cluster, who does one thing when asked; false when he has nothing to do.
   */
  public Simulation actor(BooleanSupplier actor) {
    actors.add(actor);
    return this;
  }

  /** Starts the controllers, or starts them anew as after a crash: with fresh caches. */
  public Simulation restart() {
    incarnation++;
    informers.values().forEach(Informer::close);
    informers.clear();
    ready.clear();
    var view = new InformerView(informers, time);
    loops = new ArrayList<>();
    for (Function<FakeApi, Reconciler<?>> reconciler : reconcilers) {
      loops.add(loop(reconciler.apply(api), view));
    }
    var started = new ArrayList<FakeInformer<?>>();
    for (ControllerLoop<?> loop : loops) {
      for (Class<? extends HasMetadata> kind : loop.watches().kinds()) {
        if (!informers.containsKey(kind)) {
          started.add(informer(kind, loop.watches().selection(kind)));
        }
      }
    }
    for (ControllerLoop<?> loop : loops) {
      for (Watches.Index<?> index : loop.watches().indexes()) {
        addIndex(index);
      }
    }
    loops.forEach(this::heed);
    started.forEach(FakeInformer::start);
    return this;
  }

  /** Does one thing of those that can be done now; false when there is none. */
  public boolean step() {
    if (random.chance(0.4) && api.deliverOne()) {
      return true;
    }
    if (!actors.isEmpty()
        && random.chance(0.3)
        && actors.get((int) random.below(actors.size())).getAsBoolean()) {
      return true;
    }
    if (!ready.isEmpty()) {
      List<Work<?>> works = List.copyOf(ready);
      run(works.get((int) random.below(works.size())));
      return true;
    }
    if (api.deliverOne()) {
      return true;
    }
    for (BooleanSupplier actor : actors) {
      if (actor.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }

  /** Runs so many steps under faults, the clock moving, and checks after each. */
  public void storm(int steps, FakeFaults weather, Runnable check) {
    faults(weather);
    for (int i = 0; i < steps; i++) {
      if (!step() || random.chance(0.05)) {
        time.advance(Duration.ofMillis(random.below(3_000)));
      }
      checked(check);
    }
    faults(FakeFaults.NONE);
  }

  /** Runs until nothing happens any more but the passing of time. */
  public void settle() {
    settle(() -> {});
  }

  /** As {@link #settle()}, with a check after each step. */
  public void settle(Runnable check) {
    // What was held back for a while must come too: retries, and writes that wait for a cache.
    for (int lull = 0; lull < 40; lull++) {
      for (int steps = 0; step(); steps++) {
        checked(check);
        if (steps > STEPS_TO_SETTLE) {
          throw new AssertionError("seed " + seed + " never settles:\n" + recent());
        }
      }
      time.advance(RETRY);
    }
  }

  /** Runs until there is nothing to do at this very moment. */
  public void rest() {
    for (int steps = 0; step(); steps++) {
      if (steps > STEPS_TO_SETTLE) {
        throw new AssertionError("seed " + seed + " never rests:\n" + recent());
      }
    }
  }

  /** Lets time pass and settles. */
  public void pass(Duration duration) {
    time.advance(duration);
    settle();
  }

  /** The objects of a kind as the API server has them. */
  public <S extends HasMetadata> List<S> stored(Class<S> type) {
    return calmly(() -> api.resource(type).list("", ListOptions.ALL).items());
  }

  /** The object as the API server has it. */
  public <S extends HasMetadata> Optional<S> stored(Class<S> type, String namespace, String name) {
    return calmly(() -> api.resource(type).find(new ObjectKey(namespace, name)));
  }

  /** Does something to which nothing bad happens, whatever the weather. */
  public <R> R calmly(Supplier<R> action) {
    FakeFaults weather = faults;
    faults(FakeFaults.NONE);
    try {
      return action.get();
    } finally {
      faults(weather);
    }
  }

  private void faults(FakeFaults rates) {
    faults = rates;
    api.faults(rates);
  }

  /** What the controllers did lately, for the message of a failure. */
  public String recent() {
    return "seed "
        + seed
        + "\n"
        + String.join("\n", log.subList(Math.max(0, log.size() - KEPT_LOG_LINES), log.size()));
  }

  private void checked(Runnable check) {
    try {
      check.run();
    } catch (AssertionError broken) {
      throw new AssertionError(recent() + "\n" + broken.getMessage(), broken);
    }
  }

  private <T extends HasMetadata> ControllerLoop<T> loop(Reconciler<T> reconciler, View view) {
    return new ControllerLoop<>(
        reconciler,
        view,
        api,
        time,
        (key, pending) ->
            new ApiActions(key, pending, api, new SimulatedSupport(reconciler.name())));
  }

  private <T extends HasMetadata> void heed(ControllerLoop<T> loop) {
    int current = incarnation;
    loop.heed(key -> {
      if (current == incarnation) {
        ready.add(new Work<>(loop, key));
      }
    });
  }

  private <S extends HasMetadata> FakeInformer<S> informer(
      Class<S> kind, Watches.Selection selection) {
    FakeInformer<S> informer = api.informer(kind, selection.namespace(), selection.options());
    InformerView.addIndexes(informer);
    informer.handle(
        new Informer.Handler<>() {
          @Override
          public void added(S object) {
            wake(kind, new Change<>(null, object));
          }

          @Override
          public void updated(S before, S after) {
            wake(kind, new Change<>(before, after));
          }

          @Override
          public void deleted(S last) {
            wake(kind, new Change<>(last, null));
          }
        });
    informers.put(kind, informer);
    return informer;
  }

  private <S extends HasMetadata> void addIndex(Watches.Index<S> index) {
    @SuppressWarnings("unchecked") // the map is filled with an informer of the key's class
    var informer = (Informer<S>) Objects.requireNonNull(informers.get(index.type()));
    informer.index(index.name(), index.function());
  }

  private <S extends HasMetadata> void wake(Class<S> kind, Change<S> change) {
    for (ControllerLoop<?> loop : loops) {
      if (loop.watches().kinds().contains(kind)) {
        loop.woken(kind, change).forEach(key -> ready.add(new Work<>(loop, key)));
      }
    }
  }

  private void run(Work<?> work) {
    ready.remove(work);
    try {
      if (work.loop().step(work.key()) instanceof Outcome.Again(Duration after)) {
        later(work, after);
      }
    } catch (ApiException failed) {
      log.add(work.loop().name() + " " + work.key() + " fails: " + failed.getMessage());
      later(work, RETRY);
    }
  }

  private void later(Work<?> work, Duration after) {
    int current = incarnation;
    time.after(
        after,
        () -> {
          if (current == incarnation) {
            ready.add(work);
          }
        });
  }

  /** Runs what is meant to run at once one by one, and keeps what is told. */
  private final class SimulatedSupport implements ApiActions.Support {
    private final String controller;

    SimulatedSupport(String controller) {
      this.controller = controller;
    }

    @Override
    public Randomness randomness() {
      return random;
    }

    @Override
    public void acted(String verb, HasMetadata object, String failure) {
      log.add(
          "%s %s: %s %s %s %s"
              .formatted(
                  time.now(), controller, verb, object.getKind(), Meta.key(object), failure));
    }

    @Override
    public void event(HasMetadata about, boolean warning, String reason, String message) {
      events.add(new Event(about.getKind() + " " + Meta.name(about), warning, reason, message));
    }

    @Override
    public List<RuntimeException> together(List<Runnable> calls) {
      var failures = new ArrayList<RuntimeException>();
      for (Runnable call : calls) {
        try {
          call.run();
        } catch (ApiException failed) {
          failures.add(failed);
        }
      }
      return failures;
    }
  }
}
