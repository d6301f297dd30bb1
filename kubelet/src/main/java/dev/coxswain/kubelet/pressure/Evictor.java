package dev.coxswain.kubelet.pressure;

import dev.coxswain.kubelet.admission.Critical;
import dev.coxswain.kubelet.admission.Refusal;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.QosClass;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.runtime.node.NodeFit;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Pause;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches for shortages and over-full pods and acts on them: clears away first, then ends one pod
 * at a time and looks again.
 */
public final class Evictor {
  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  /** Upstream's housekeeping period; the kernel has no event for most of this. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** For how long an ended pod is waited for before the node is looked at again. */
  private static final Duration CLEANUP = Duration.ofSeconds(30);

  /** What is ended at once still gets its signal. */
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static final Taint MEMORY_TAINT =
      new Taint("NoSchedule", "node.kubernetes.io/memory-pressure", null, null);

  private final EvictionSettings settings;
  private final ShortageWatch watch;
  private final NodeMeasures measures;
  private final Clearing clearing;
  private final Victims victims;
  private final PodEvents podEvents;
  private final NodeEvents nodeEvents;
  private final Time time;

  /** Ended by whatever was released since the pods were last looked at. */
  private final Pause endings;

  private volatile Runnable changed = () -> {};
  private volatile Set<Pressure> pressures = Set.of();
  private volatile boolean stopped;
  private boolean failing;

  /** Clears away what nobody needs. */
  public interface Clearing {
    /** Removes what is left of containers of pods that have ended, and all unused images. */
    void clearAll();
  }

  /** The node's pods. */
  public interface Victims {
    /** Those that run or may come to. */
    List<Pod> active();

    /** Has a pod end. */
    void end(String uid, Ending ending);

    /** Whether nothing of the pod runs any more and its volumes are gone. */
    boolean released(String uid);

    /** Who is told, from now on, that pods may have been released. */
    void onEnding(Runnable listener);
  }

  /** An evictor, not yet started. */
  public Evictor(
      EvictionSettings settings,
      NodeMeasures measures,
      Clearing clearing,
      Victims victims,
      PodEvents podEvents,
      NodeEvents nodeEvents,
      Time time) {
    this.settings = settings;
    this.watch = new ShortageWatch(settings.thresholds(), settings.transition());
    this.measures = measures;
    this.clearing = clearing;
    this.victims = victims;
    this.podEvents = podEvents;
    this.nodeEvents = nodeEvents;
    this.time = time;
    this.endings = new Pause(time);
  }

  /** Who is told, from now on, that the node is short of something else than before. */
  public void onChange(Runnable listener) {
    changed = listener;
  }

  /** Starts on a thread of its own. */
  public void start() {
    victims.onEnding(endings::end);
    Rounds.start("evictor", time, () -> !stopped, this::roundAndRest);
  }

  /** Ends after the round that is under way. */
  public void stop() {
    stopped = true;
    endings.end();
  }

  /** What the node is short of. */
  public Set<Pressure> pressures() {
    return pressures;
  }

  /** Why the node takes no such pod while it is short of something. */
  public Optional<Refusal> refusal(Pod pod) {
    Set<Pressure> now = pressures;
    if (now.isEmpty() || Critical.is(pod)) {
      return Optional.empty();
    }
    if (now.equals(Set.of(Pressure.MEMORY))
        && (QosClass.of(pod.getSpec()) != QosClass.BEST_EFFORT
            || NodeFit.tolerated(MEMORY_TAINT, pod.getSpec().getTolerations()))) {
      return Optional.empty();
    }
    List<String> names = now.stream().map(Pressure::condition).sorted().toList();
    return Optional.of(
        new Refusal("Evicted", "The node had condition: [" + String.join(" ", names) + "]. "));
  }

  private void roundAndRest() throws InterruptedException {
    Optional<String> ended = roundOrTell();
    if (ended.isPresent()) {
      awaitEnd(ended.get());
    } else {
      time.sleep(PERIOD);
    }
  }

  private Optional<String> roundOrTell() {
    try {
      Optional<String> ended = round();
      failing = false;
      return ended;
    } catch (IOException | CriException failure) {
      if (!failing) {
        failing = true;
        LOG.warn("What the node has left cannot be measured: {}", failure.getMessage());
      }
      return Optional.empty();
    }
  }

  /** Looks once; the pod that it had to end. */
  Optional<String> round() throws IOException {
    Map<Signal, Reading> readings = measures.read();
    ShortageWatch.Finding finding = watch.observe(readings, time.now());
    tell(finding.pressures());
    Optional<String> overFull = endOverFull();
    if (overFull.isPresent() || finding.starved().isEmpty()) {
      return overFull;
    }
    Threshold starved = finding.starved().get();
    String resource = starved.signal().resource();
    Reading reading = readings.getOrDefault(starved.signal(), new Reading(0, 0));
    LOG.warn(
        "The node is short of {}: {} is {} of {}",
        resource,
        starved.signal().text(),
        reading.available(),
        reading.capacity());
    nodeEvents.warning("EvictionThresholdMet", "Attempting to reclaim " + resource);
    if (starved.signal().pressure() == Pressure.DISK) {
      clearing.clearAll();
      readings = measures.read();
      if (!starved.crossed(readings, true)) {
        LOG.info("Clearing away sufficed; no pod has to go for {}", resource);
        return Optional.empty();
      }
    }
    return endFirst(starved, readings);
  }

  private Optional<String> endFirst(Threshold starved, Map<Signal, Reading> readings) {
    Ranking ranking = new Ranking(starved.signal(), measures.oneFileSystem());
    List<PodUse> ranked = ranking.of(measures.use(victims.active()));
    if (ranked.isEmpty()) {
      LOG.warn("The node is short of {} and has no pod to end", starved.signal().resource());
      return Optional.empty();
    }
    PodUse first = ranked.getFirst();
    Duration grace = starved.hard() ? AT_ONCE : softly(first.pod());
    Reading reading = readings.getOrDefault(starved.signal(), new Reading(0, 0));
    String message = ranking.message(first, starved, reading);
    return Optional.of(
        end(
            first.pod(),
            message,
            Ending.disrupted(time.now(), grace, "Evicted", message, message)));
  }

  /** No longer than the operator allows, which by default is nothing. */
  private Duration softly(Pod pod) {
    Duration own = PodDecider.grace(pod);
    Duration most = settings.mostGrace();
    Duration grace = own.compareTo(most) < 0 ? own : most;
    return grace.compareTo(AT_ONCE) < 0 ? AT_ONCE : grace;
  }

  private Optional<String> endOverFull() {
    List<Pod> limited = victims.active().stream().filter(StorageLimits::concern).toList();
    if (limited.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> last = Optional.empty();
    for (PodUse use : measures.use(limited)) {
      Optional<String> exceeded = StorageLimits.exceeded(use);
      if (exceeded.isPresent() && !Critical.is(use.pod())) {
        // Its own doing, which it would repeat: whoever made it must not take it for a disruption.
        last =
            Optional.of(
                end(
                    use.pod(),
                    exceeded.get(),
                    Ending.failed(time.now(), AT_ONCE, "Evicted", exceeded.get())));
      }
    }
    return last;
  }

  private String end(Pod pod, String message, Ending ending) {
    String uid = pod.getMetadata().getUid();
    LOG.warn(
        "Pod {}/{} is evicted: {}",
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        message);
    podEvents.warning(pod, "", "Evicted", message);
    victims.end(uid, ending);
    return uid;
  }

  private void tell(Set<Pressure> now) {
    Set<Pressure> before = pressures;
    if (!before.equals(now)) {
      LOG.info("Conditions of the node: {}", now.isEmpty() ? "no pressure" : now);
      pressures = Set.copyOf(now);
      changed.run();
    }
  }

  /** What the pod had is free only once it is released: until then it would be counted again. */
  private void awaitEnd(String uid) throws InterruptedException {
    long deadline = time.nanos() + CLEANUP.toNanos();
    while (!stopped && !victims.released(uid) && time.nanos() - deadline < 0) {
      endings.rest(Duration.ofNanos(deadline - time.nanos()));
    }
  }
}
