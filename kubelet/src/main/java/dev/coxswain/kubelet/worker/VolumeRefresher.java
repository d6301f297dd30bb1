package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.volume.VolumeException;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the volumes of running pods up to date: changed ConfigMaps and Secrets, ageing tokens. */
public final class VolumeRefresher implements Informer.Handler<Pod> {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeRefresher.class);

  /** Upstream's sync period for what pods mount. */
  private static final Duration PERIOD = Duration.ofSeconds(60);

  private final PodManager pods;
  private final VolumeManager volumes;
  private final NodeFacts facts;
  private final PodEvents events;
  private final Time time;
  private final Randomness random;
  private volatile boolean stopped;

  /** When all pods have their turn; of the refreshing thread alone, once it runs. */
  private Instant next = Instant.MAX;

  /** Pods that do not wait for the next round, guarded by this; as many as there are pods. */
  private final Set<String> due = new HashSet<>();

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
    next = time.now().plus(random.jitter(PERIOD, 0.5));
    Rounds.start("volume-refresh", time, () -> !stopped, this::round);
  }

  /** Ends after the round that is under way. */
  public void stop() {
    stopped = true;
    wake();
  }

  @Override
  public void added(Pod pod) {}

  /** Labels and annotations reach downwardAPI volumes without waiting for the next round. */
  @Override
  public void updated(Pod before, Pod after) {
    boolean same =
        Objects.equals(before.getMetadata().getLabels(), after.getMetadata().getLabels())
            && Objects.equals(
                before.getMetadata().getAnnotations(), after.getMetadata().getAnnotations());
    if (!same) {
      refreshSoon(after.getMetadata().getUid());
    }
  }

  /** What a pod of this uid shows has changed. */
  public synchronized void refreshSoon(String uid) {
    due.add(uid);
    notifyAll();
  }

  @Override
  public void deleted(Pod last) {}

  private void round() throws InterruptedException {
    Set<String> uids = await(next);
    boolean all = !time.now().isBefore(next);
    if (all) {
      next = time.now().plus(random.jitter(PERIOD, 0.5));
    }
    pods.workers().stream()
        .filter(worker -> all || uids.contains(worker.uid()))
        .forEach(this::refresh);
  }

  /** The pods whose turn has come early; none once the next round is due. */
  private Set<String> await(Instant next) throws InterruptedException {
    Time.Timer timer = time.after(Duration.ofNanos(Math.max(1, until(next))), this::wake);
    try {
      synchronized (this) {
        while (due.isEmpty() && !stopped && until(next) > 0) {
          wait();
        }
        Set<String> taken = Set.copyOf(due);
        due.clear();
        return taken;
      }
    } finally {
      timer.cancel();
    }
  }

  private long until(Instant next) {
    return Duration.between(time.now(), next).toNanos();
  }

  private synchronized void wake() {
    notifyAll();
  }

  private void refresh(PodWorker worker) {
    List<SandboxView> ready =
        worker.sandboxes().stream().filter(SandboxView::ready).limit(1).toList();
    if (ready.isEmpty() || worker.pod().getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    try {
      volumes.refresh(
          new PodFields(
              worker.pod(), facts.address(), ready.getFirst().addresses(), facts.allocatable()));
    } catch (VolumeException failure) {
      if (!failure.waiting()) {
        events.warning(worker.pod(), "", "FailedMount", String.valueOf(failure.getMessage()));
      }
    } catch (RuntimeException bug) {
      // The others' are refreshed nevertheless.
      LOG.error(
          "The volumes of pod {}/{} are not refreshed: {}",
          worker.pod().getMetadata().getNamespace(),
          worker.pod().getMetadata().getName(),
          Rounds.line(bug));
    }
  }
}
