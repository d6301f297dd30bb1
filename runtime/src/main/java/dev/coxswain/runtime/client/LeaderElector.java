package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one of several copies of a process the leader, by holding a Lease. It compares no clocks: a
 * lease is over when this process has seen it unchanged for its duration. A leader that cannot
 * renew in time is told that it lost before anybody else can win.
 */
public final class LeaderElector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderElector.class);

  /** Those who wait for a lease ask at moments spread over this many times the retry pause. */
  private static final double WAITING_JITTER = 1.2;

  /** Those who wait look again this long after the end of a lease. */
  private static final Duration MARGIN = Duration.ofMillis(50);

  /** While nobody can be asked who leads, it is asked this many times as often. */
  private static final int HASTE_UNREACHED = 4;

  private final ResourceClient<Lease> leases;
  private final ObjectKey key;
  private final String identity;
  private final Timing timing;
  private final Listener listener;
  private final Time time;
  private final Randomness random;
  private volatile boolean closed;
  private @Nullable Thread thread;

  /** The lease as this process wrote it last; null when it has to be read first. */
  private @Nullable Lease stored;

  /** The version of another's lease, seen last; null when there is none to watch. */
  private @Nullable String followed;

  private boolean watchRefused;
  private boolean leading;

  /** What the listener has yet to be told, in the order in which it came about. */
  private final Queue<Runnable> news = new ArrayDeque<>();

  private boolean telling;
  private Time.@Nullable Timer deadline;

  /** Counts the renewals, each of which has a deadline of its own. */
  private long renewals;

  private @Nullable LeaseSpec observed;
  private long observedNanos;
  private String reportedLeader = "";
  private boolean failing;

  /**
   * How fast a leader is followed. The lease is less than half of upstream's 15 s: a renewal is one
   * small write, so that asking more often costs next to nothing, and the store's own change of
   * leader is over before a renewal is late.
   *
   * @param lease how long others wait after the last renewal they saw
   * @param renewDeadline how long a leader leads after its own last renewal
   * @param retry the pause between two tries of who waits; who cannot reach it tries more often
   */
  public record Timing(Duration lease, Duration renewDeadline, Duration retry) {
    /** 6 s, 4 s and 1.5 s. */
    public static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(6), Duration.ofSeconds(4), Duration.ofMillis(1500));

    public Timing {
      if (lease.compareTo(renewDeadline) <= 0 || renewDeadline.compareTo(retry) <= 0) {
        throw new IllegalArgumentException(
            "leader election needs lease > renew deadline > retry pause, has "
                + lease
                + ", "
                + renewDeadline
                + ", "
                + retry);
      }
    }

    /**
     * The pause of who leads: half of what it has, since who fails to renew tries again at once.
     */
    Duration renewal() {
      return renewDeadline.dividedBy(2);
    }
  }

  /** What the process does about it; must not block. It is told in order, and not after a close. */
  public interface Listener {
    /** This process leads from now on. */
    void leading();

    /** It led and must stop at once; usually the process ends. */
    void lost();
  }

  /**
   * Does nothing before {@link #start}.
   *
   * @param identity unique among the copies, such as the host's name and a random suffix
   */
  public LeaderElector(
      ApiClient client,
      ObjectKey lease,
      String identity,
      Timing timing,
      Listener listener,
      Time time,
      Randomness random) {
    this.leases = client.resource(Lease.class);
    this.key = lease;
    this.identity = identity;
    this.timing = timing;
    this.listener = listener;
    this.time = time;
    this.random = random;
  }

  /** Starts to try, on a thread of its own. */
  public synchronized void start() {
    if (thread != null) {
      throw new IllegalStateException("the election for " + key + " has been started before");
    }
    thread = Rounds.start("leader-election", time, () -> !closed, this::round);
  }

  /** Whether this process leads now. */
  public synchronized boolean leads() {
    return leading;
  }

  private void round() throws InterruptedException {
    Duration pause = step();
    if (leads() || !follow()) {
      time.sleep(pause);
    }
  }

  /** One try to win or to renew; returns the pause before the next. */
  Duration step() {
    long started = time.nanos();
    Lease held = stored;
    stored = null;
    try {
      // Who holds it need not read it: had another written it, this write would be refused.
      Optional<Lease> current = held != null && leads() ? Optional.of(held) : leases.find(key);
      if (closed) {
        return timing.retry();
      }
      if (current.isEmpty()) {
        won(leases.create(lease(null)), started);
      } else {
        tryHold(current.get(), started);
      }
      failing = false;
    } catch (ApiException e) {
      boolean lostRace = e.is(StatusReason.CONFLICT) || e.is(StatusReason.ALREADY_EXISTS);
      if (!lostRace && !failing) {
        failing = true;
        LOG.warn("the lease {} cannot be reached, trying on: {}", key, e.getMessage());
      }
    }
    Duration pause = failing ? timing.retry().dividedBy(HASTE_UNREACHED) : timing.retry();
    if (leads()) {
      return failing ? pause : renewalPause(started);
    }
    Duration next = random.jitter(pause, WAITING_JITTER);
    Duration end = untilOver().plus(MARGIN);
    return end.compareTo(next) < 0 ? end : next;
  }

  /** Counts as the deadline does, from before the renewal was asked: a slow one leaves less. */
  private Duration renewalPause(long started) {
    Duration left = timing.renewal().minusNanos(time.nanos() - started);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** How long the lease that was seen last may still stand; a row of failures has no end. */
  private Duration untilOver() {
    if (failing || observed == null) {
      return timing.lease();
    }
    Duration left = duration(observed).minusNanos(time.nanos() - observedNanos);
    return left.isNegative() ? timing.lease() : left;
  }

  /**
   * Watches another's lease to its end, so that one that is given up is seen at once and the end of
   * one that runs out is counted from its last renewal. Whether it is worth another try now; if
   * not, nothing could be watched, and the lease is asked for again after a pause.
   */
  private boolean follow() throws InterruptedException {
    String version = followed;
    followed = null;
    if (version == null || watchRefused) {
      return false;
    }
    try (Watch<Lease> watch =
        leases.watch(key.namespace(), ListOptions.fields("metadata.name=" + key.name()), version)) {
      return seeEnd(watch);
    } catch (ApiException e) {
      if (e.is(StatusReason.FORBIDDEN)) {
        watchRefused = true;
        LOG.info("the lease {} may not be watched and is asked for instead", key);
      }
      // So ends, too, a watch that was closed because the lease is over.
      return seenOver();
    }
  }

  private boolean seeEnd(Watch<Lease> watch) throws InterruptedException {
    while (!closed) {
      Time.Timer end = time.after(untilOver().plus(MARGIN), watch::close);
      WatchEvent<Lease> event;
      try {
        event = watch.next();
      } finally {
        end.cancel();
      }
      switch (event) {
        case null -> {
          return seenOver();
        }
        case WatchEvent.Added<Lease> added -> observe(added.object().getSpec());
        case WatchEvent.Modified<Lease> modified -> {
          observe(modified.object().getSpec());
          if (HeldLease.holder(modified.object()).isEmpty()) {
            return true;
          }
        }
        case WatchEvent.Deleted<Lease> deleted -> {
          return true;
        }
        case WatchEvent.Bookmark<Lease> bookmark -> {}
      }
    }
    return seenOver();
  }

  private void tryHold(Lease current, long started) {
    observe(current.getSpec());
    String holder = HeldLease.holder(current);
    if (holder.equals(identity)) {
      won(leases.update(lease(current)), started);
    } else if (holder.isEmpty() || isOver(current.getSpec())) {
      won(leases.update(lease(current)), started);
    } else {
      lose("it is held by " + holder);
      tell();
      followed = current.getMetadata().getResourceVersion();
      if (!holder.equals(reportedLeader)) {
        reportedLeader = holder;
        LOG.info("{} leads {}", holder, key);
      }
    }
  }

  private void observe(@Nullable LeaseSpec spec) {
    if (observed == null || !observed.equals(spec)) {
      observed = spec;
      observedNanos = time.nanos();
    }
  }

  private boolean seenOver() {
    return observed != null && isOver(observed);
  }

  private boolean isOver(LeaseSpec spec) {
    return time.nanos() - observedNanos > duration(spec).toNanos();
  }

  private Duration duration(LeaseSpec spec) {
    Integer seconds = spec.getLeaseDurationSeconds();
    return seconds == null ? timing.lease() : Duration.ofSeconds(seconds);
  }

  /** The lease as this process holds it, on top of the one that is there. */
  private Lease lease(@Nullable Lease current) {
    return HeldLease.by(identity, current, key, timing.lease(), time.now());
  }

  /** Counts from before the request was sent: others may have seen it as early as that. */
  private void won(Lease lease, long started) {
    stored = lease;
    observe(lease.getSpec());
    synchronized (this) {
      Duration left = timing.renewDeadline().minusNanos(time.nanos() - started);
      if (!closed && left.isNegative()) {
        lose("renewing took too long");
      } else if (!closed) {
        if (deadline != null) {
          deadline.cancel();
        }
        long renewal = ++renewals;
        deadline = time.after(left, () -> runOut(renewal));
        if (!leading) {
          leading = true;
          reportedLeader = identity;
          LOG.info("this process ({}) leads {}", identity, key);
          news.add(listener::leading);
        }
      }
    }
    tell();
    if (closed) {
      // It was on its way when the election was closed; the close may have seen no lease to give.
      giveBackOrNot();
    }
  }

  /** A deadline has come; that of an earlier renewal, just as it was renewed, means nothing. */
  private void runOut(long renewal) {
    synchronized (this) {
      if (renewal != renewals) {
        return;
      }
      lose("it could not be renewed in time");
    }
    tell();
  }

  /** Whoever calls this tells the listener, outside of the lock. */
  private synchronized void lose(String reason) {
    if (!leading) {
      return;
    }
    leading = false;
    if (deadline != null) {
      deadline.cancel();
    }
    LOG.error("this process no longer leads {}: {}", key, reason);
    news.add(listener::lost);
  }

  /**
   * One thread at a time tells what all have to tell, so that no end comes before its beginning.
   */
  private void tell() {
    for (Runnable next = takeNews(); next != null; next = takeNews()) {
      try {
        next.run();
      } finally {
        synchronized (this) {
          telling = false;
        }
      }
    }
  }

  private synchronized @Nullable Runnable takeNews() {
    Runnable next = telling || closed ? null : news.poll();
    telling |= next != null;
    return next;
  }

  /** Stops trying; a leader gives the lease back, so that the next need not wait. */
  @Override
  public void close() {
    closed = true;
    boolean led;
    synchronized (this) {
      led = leading;
      leading = false;
      if (deadline != null) {
        deadline.cancel();
      }
      if (thread != null) {
        thread.interrupt();
      }
    }
    if (led) {
      giveBackOrNot();
    }
  }

  private void giveBackOrNot() {
    try {
      try {
        giveBack();
      } catch (ApiException renewed) {
        // A renewal that was on its way came in between; it was the last.
        if (!renewed.is(StatusReason.CONFLICT)) {
          throw renewed;
        }
        giveBack();
      }
    } catch (ApiException e) {
      LOG.info("the lease {} was not given back, it will run out: {}", key, e.getMessage());
    }
  }

  private void giveBack() {
    Optional<Lease> current = leases.find(key);
    if (current.isPresent() && HeldLease.holder(current.get()).equals(identity)) {
      leases.update(HeldLease.givenUp(current.get(), time.now()));
    }
  }
}
