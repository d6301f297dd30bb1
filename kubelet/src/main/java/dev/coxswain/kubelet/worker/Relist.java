package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.cri.RuntimeHints;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerFilter;
import dev.coxswain.proto.cri.PodSandbox;
import dev.coxswain.proto.cri.PodSandboxFilter;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which pods changed in the runtime: lists everything, compares with the list before and
 * wakes the workers concerned. It lists when the runtime's event stream hints that something
 * happened, and from time to time in any case, often while there is no event stream.
 */
public final class Relist implements RuntimeHints.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Relist.class);

  /** Without hints, upstream's period. */
  private static final Duration WITHOUT_HINTS = Duration.ofSeconds(1);

  private static final Duration WITH_HINTS = Duration.ofSeconds(10);

  /** Hints come in bursts: a starting container gives several. */
  private static final Duration LEAST_PAUSE = Duration.ofMillis(50);

  /** A list of a full node takes its time while much happens there: most of it is left to that. */
  private static final int PAUSE_FOR_WORK = 5;

  private static final Duration MOST_PAUSE = Duration.ofMillis(500);

  /** For how long a runtime may be silent before the node counts as sick; upstream's threshold. */
  private static final Duration HEALTHY = Duration.ofMinutes(3);

  private final ContainerRuntime runtime;
  private final PodManager pods;
  private final Time time;
  private Map<String, Map<String, Integer>> known = new HashMap<>();
  private boolean hinted;
  private boolean hinting;
  private boolean stopped;
  private boolean failing;
  private volatile @Nullable Instant lastSuccess;

  /** Wakes workers of these pods. */
  public Relist(ContainerRuntime runtime, PodManager pods, Time time) {
    this.runtime = runtime;
    this.pods = pods;
    this.time = time;
  }

  /** Starts listing on a thread of its own. */
  public void start() {
    Rounds.start("relist", time, () -> !isStopped(), this::round);
  }

  /** Something happened in the runtime. */
  @Override
  public synchronized void hint() {
    hinted = true;
    notifyAll();
  }

  /** Whether hints can be expected from now on. */
  @Override
  public synchronized void hinting(boolean expected) {
    hinting = expected;
    hinted = true;
    notifyAll();
  }

  /** Ends the thread. */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Whether the runtime answered lately. */
  public boolean healthy() {
    Instant last = lastSuccess;
    return last != null && Duration.between(last, time.now()).compareTo(HEALTHY) < 0;
  }

  private void round() throws InterruptedException {
    long began = time.nanos();
    list();
    Duration pause = Duration.ofNanos(time.nanos() - began).multipliedBy(PAUSE_FOR_WORK);
    await();
    time.sleep(pause.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : shorter(pause, MOST_PAUSE));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  private void await() throws InterruptedException {
    Duration period;
    synchronized (this) {
      period = hinting ? WITH_HINTS : WITHOUT_HINTS;
    }
    Time.Timer timer = time.after(period, this::hint);
    synchronized (this) {
      while (!hinted && !stopped) {
        wait();
      }
      hinted = false;
    }
    timer.cancel();
  }

  private void list() {
    try {
      Map<String, Map<String, Integer>> seen = look();
      Map<String, Map<String, Integer>> changed = new HashMap<>();
      seen.forEach((uid, states) -> {
        if (!states.equals(known.get(uid))) {
          changed.put(uid, states);
        }
      });
      for (String uid : known.keySet()) {
        if (!seen.containsKey(uid)) {
          changed.put(uid, Map.of());
        }
      }
      lastSuccess = time.now();
      if (failing) {
        failing = false;
        LOG.info("The container runtime answers again");
      }
      pods.listed(changed);
      // Only now: what was not told is seen to have changed again.
      known = seen;
    } catch (CriException failure) {
      if (!failing) {
        failing = true;
        LOG.warn("The container runtime does not answer: {}", failure.getMessage());
      }
    }
  }

  /** State by sandbox or container id, by pod. */
  private Map<String, Map<String, Integer>> look() {
    Map<String, Map<String, Integer>> seen = new HashMap<>();
    for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.getDefaultInstance())) {
      note(seen, sandbox.getLabelsMap(), sandbox.getId(), sandbox.getStateValue());
    }
    for (Container container : runtime.listContainers(ContainerFilter.getDefaultInstance())) {
      note(seen, container.getLabelsMap(), container.getId(), container.getStateValue());
    }
    return seen;
  }

  private static void note(
      Map<String, Map<String, Integer>> seen, Map<String, String> labels, String id, int state) {
    @Nullable String uid = labels.get(CriLabels.POD_UID);
    if (uid != null) {
      seen.computeIfAbsent(uid, ignored -> new HashMap<>()).put(id, state);
    }
  }
}
