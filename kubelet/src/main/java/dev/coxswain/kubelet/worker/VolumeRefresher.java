package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.volume.VolumeException;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.List;

/** Brings the volumes of running pods up to date: changed ConfigMaps and Secrets, ageing tokens. */
public final class VolumeRefresher {
  /** Upstream's sync period for what pods mount. */
  private static final Duration PERIOD = Duration.ofSeconds(60);

  private final PodManager pods;
  private final VolumeManager volumes;
  private final NodeFacts facts;
  private final PodEvents events;
  private final Time time;
  private final Randomness random;
  private volatile boolean stopped;

  /** Refreshes the volumes of this manager's pods. */
  public VolumeRefresher(
      PodManager pods,
      VolumeManager volumes,
      NodeFacts facts,
      PodEvents events,
      Time time,
      Randomness random) {
    this.pods = pods;
    this.volumes = volumes;
    this.facts = facts;
    this.events = events;
    this.time = time;
    this.random = random;
  }

  /** Starts on a thread of its own. */
  public void start() {
    Thread.ofVirtual().name("volume-refresh").start(this::run);
  }

  /** Ends after the round that is under way. */
  public void stop() {
    stopped = true;
  }

  private void run() {
    try {
      while (!stopped) {
        time.sleep(random.jitter(PERIOD, 0.5));
        pods.workers().forEach(this::refresh);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void refresh(PodWorker worker) {
    List<SandboxView> ready =
        worker.sandboxes().stream().filter(SandboxView::ready).limit(1).toList();
    if (ready.isEmpty() || worker.pod().getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    try {
      volumes.prepare(
          new PodFields(
              worker.pod(), facts.address(), ready.getFirst().addresses(), facts.allocatable()));
    } catch (VolumeException failure) {
      events.warning(worker.pod(), "", "FailedMount", String.valueOf(failure.getMessage()));
    }
  }
}
