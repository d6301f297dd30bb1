package dev.coxswain.kubelet.manifest;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the pods of a folder of manifests, with or without an API server, and sees to their mirrors.
 * A changed manifest is a new pod: it starts when the old one has stopped.
 */
public final class StaticPods implements Informer.Handler<Pod> {
  private static final Logger LOG = LoggerFactory.getLogger(StaticPods.class);

  /** Upstream's {@code fileCheckFrequency}; the file system's own notices come sooner. */
  private static final Duration PERIOD = Duration.ofSeconds(20);

  /** An editor writes a file in several steps. */
  private static final Duration SETTLE = Duration.ofMillis(200);

  private final Path path;
  private final ManifestFolder folder;
  private final Runner runner;
  private final Mirrors mirrors;
  private final Supplier<Collection<Pod>> shown;
  private final Time time;
  private final Map<String, Pod> running = new LinkedHashMap<>();

  /** Stopped pods of which something still runs. */
  private final Map<String, Pod> ending = new LinkedHashMap<>();

  private boolean due;
  private volatile boolean stopped;
  private @Nullable WatchService watcher;

  /** What runs pods. */
  public interface Runner {
    /** Starts a static pod. */
    void begin(Pod pod);

    /** Stops a static pod. */
    void end(Pod pod);

    /** The uids of the pods of which something still runs. */
    Set<String> alive();

    /** The mirror has gone: the status must be told to the next one. */
    void mirrorLost(String uid);
  }

  /**
   * Runs the pods of this folder.
   *
   * @param shown the node's pods as the API shows them
   */
  public StaticPods(
      Path path,
      String node,
      Runner runner,
      Mirrors mirrors,
      Supplier<Collection<Pod>> shown,
      Time time) {
    this.path = path;
    this.folder = new ManifestFolder(path, node, time);
    this.runner = runner;
    this.mirrors = mirrors;
    this.shown = shown;
    this.time = time;
  }

  /** Starts the pods that are there now, then follows the folder on threads of its own. */
  public void start() throws IOException {
    Files.createDirectories(path);
    WatchService notices = path.getFileSystem().newWatchService();
    watcher = notices;
    path.register(
        notices,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    // Only now: what comes to the folder from here on is noticed.
    reconcile();
    Rounds.start("static-pods", time, () -> !stopped, this::round);
    Thread.ofPlatform().daemon().name("static-pods-notices").start(() -> follow(notices));
  }

  /** Ends; the pods run on. */
  public void stop() {
    stopped = true;
    wake();
    try {
      if (watcher != null) {
        watcher.close();
      }
    } catch (IOException failure) {
      LOG.debug("The watch of {} was not closed: {}", path, failure.getMessage());
    }
  }

  @Override
  public void added(Pod pod) {}

  @Override
  public void updated(Pod before, Pod after) {
    if (StaticPod.isMirror(after) && after.getMetadata().getDeletionTimestamp() != null) {
      wake();
    }
  }

  @Override
  public void deleted(Pod last) {
    if (StaticPod.isMirror(last)) {
      runner.mirrorLost(StaticPod.mirrored(last));
    }
  }

  private void round() throws InterruptedException {
    await();
    time.sleep(SETTLE);
    reconcile();
    sweep();
  }

  /** Stops what is not wanted any more and starts what is new. */
  private void reconcile() {
    Map<String, Pod> wanted = new LinkedHashMap<>();
    folder.read().forEach(pod -> wanted.put(pod.getMetadata().getUid(), pod));
    for (Pod pod : List.copyOf(running.values())) {
      if (!wanted.containsKey(pod.getMetadata().getUid())) {
        runner.end(pod);
        running.remove(pod.getMetadata().getUid());
        ending.put(pod.getMetadata().getUid(), pod);
      }
    }
    ending.keySet().retainAll(runner.alive());
    for (Pod pod : wanted.values()) {
      boolean waits = ending.values().stream().anyMatch(old -> sameName(old, pod));
      if (!waits && !running.containsKey(pod.getMetadata().getUid())) {
        runner.begin(pod);
        running.put(pod.getMetadata().getUid(), pod);
      }
    }
  }

  private void sweep() {
    try {
      mirrors.sweep(shown.get(), new ArrayList<>(running.values()));
    } catch (ApiException away) {
      LOG.debug("Mirrors are not swept now: {}", away.getMessage());
    }
  }

  private static boolean sameName(Pod one, Pod other) {
    return one.getMetadata().getName().equals(other.getMetadata().getName())
        && one.getMetadata().getNamespace().equals(other.getMetadata().getNamespace());
  }

  private void await() throws InterruptedException {
    Duration period = ending.isEmpty() ? PERIOD : Duration.ofSeconds(1);
    Time.Timer timer = time.after(period, this::wake);
    synchronized (this) {
      while (!due && !stopped) {
        wait();
      }
      due = false;
    }
    timer.cancel();
  }

  private synchronized void wake() {
    due = true;
    notifyAll();
  }

  private void follow(WatchService notices) {
    try {
      while (!stopped) {
        WatchKey key = notices.take();
        key.pollEvents();
        key.reset();
        wake();
      }
    } catch (ClosedWatchServiceException closed) {
      LOG.debug("The watch of {} is closed", path);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
