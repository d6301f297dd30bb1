package dev.coxswain.store.metrics;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.Timekeeper;
import org.apache.ratis.util.TimeDuration;

/**
 * Ratis' metrics as far as they are wanted: how long each flush of the log took. Everything else it
 * measures is let go, which saves the memory and the time of keeping it. Ratis finds this class as
 * a service.
 */
public final class RatisTimings extends MetricRegistries {
  /** Ratis' name for the time of one fsync of the log. */
  private static final String LOG_FLUSH = "syncTime";

  private static final List<LongConsumer> FLUSH_LISTENERS = new CopyOnWriteArrayList<>();

  private final Map<MetricRegistryInfo, RatisMetricRegistry> registries = new ConcurrentHashMap<>();

  /**
   * Calls back with the nanoseconds of every flush of a log in this process, until what is returned
   * is run.
   */
  static Runnable onFlush(LongConsumer listener) {
    FLUSH_LISTENERS.add(listener);
    return () -> FLUSH_LISTENERS.remove(listener);
  }

  @Override
  public RatisMetricRegistry create(MetricRegistryInfo info) {
    return registries.computeIfAbsent(info, Registry::new);
  }

  @Override
  public boolean remove(MetricRegistryInfo info) {
    return registries.remove(info) != null;
  }

  @Override
  public Optional<RatisMetricRegistry> get(MetricRegistryInfo info) {
    return Optional.ofNullable(registries.get(info));
  }

  @Override
  public Set<MetricRegistryInfo> getMetricRegistryInfos() {
    return Set.copyOf(registries.keySet());
  }

  @Override
  public Collection<RatisMetricRegistry> getMetricRegistries() {
    return List.copyOf(registries.values());
  }

  @Override
  public void clear() {
    registries.clear();
  }

  @Override
  public void addReporterRegistration(
      Consumer<RatisMetricRegistry> start, Consumer<RatisMetricRegistry> stop) {}

  @Override
  public void enableJmxReporter() {}

  @Override
  public void enableConsoleReporter(TimeDuration rate) {}

  private static final class Registry implements RatisMetricRegistry {
    private final MetricRegistryInfo info;
    private final Map<String, LongCounter> counters = new ConcurrentHashMap<>();

    Registry(MetricRegistryInfo info) {
      this.info = info;
    }

    @Override
    public Timekeeper timer(String name) {
      return name.equals(LOG_FLUSH) ? Registry::timeFlush : () -> () -> 0;
    }

    // The measure of a flush goes to operators, never into a decision: Ratis' own clock will do.
    private static Timekeeper.Context timeFlush() {
      var started = org.apache.ratis.util.Timestamp.currentTime();
      return () -> {
        long nanos = started.elapsedTime().toLong(java.util.concurrent.TimeUnit.NANOSECONDS);
        FLUSH_LISTENERS.forEach(listener -> listener.accept(nanos));
        return nanos;
      };
    }

    @Override
    public LongCounter counter(String name) {
      return counters.computeIfAbsent(name, ignored -> new Counter());
    }

    @Override
    public boolean remove(String name) {
      return counters.remove(name) != null;
    }

    @Override
    public <T> void gauge(String name, Supplier<Supplier<T>> gauge) {}

    @Override
    public MetricRegistryInfo getMetricRegistryInfo() {
      return info;
    }
  }

  private static final class Counter implements LongCounter {
    private final LongAdder sum = new LongAdder();

    @Override
    public void inc(long amount) {
      sum.add(amount);
    }

    @Override
    public void dec(long amount) {
      sum.add(-amount);
    }

    @Override
    public long getCount() {
      return sum.sum();
    }
  }
}
