package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.log.LogRotator;
import dev.coxswain.kubelet.manifest.StaticPod;
import dev.coxswain.kubelet.manifest.StaticPods;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.PodMachine;
import dev.coxswain.kubelet.pod.SandboxView;
import dev.coxswain.kubelet.pressure.Evictor;
import dev.coxswain.kubelet.report.NodeReports;
import dev.coxswain.kubelet.shutdown.NodeShutdown;
import dev.coxswain.proto.cri.PodSandbox;
import dev.coxswain.proto.cri.PodSandboxFilter;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one worker for each pod that the API has bound to this node, and for each pod that the
 * runtime still has although the API does not.
 */
public final class PodManager
    implements Informer.Handler<Pod>,
        StaticPods.Runner,
        PodWorker.Owner,
        Evictor.Victims,
        NodeShutdown.Pods {
  private static final Logger LOG = LoggerFactory.getLogger(PodManager.class);

  private final PodWorker.Wiring wiring;
  private final PodDecider decider;
  private final Time time;

  /** By uid, guarded by this; as many as there are pods on the node. */
  private final Map<String, PodWorker> workers = new HashMap<>();

  /** Pods as the API last showed them, by uid, guarded by this. */
  private final Map<String, Pod> shown = new HashMap<>();

  private final List<Runnable> endingListeners = new CopyOnWriteArrayList<>();
  private boolean closed;

  PodManager(PodWorker.Wiring wiring, PodDecider decider) {
    this.wiring = wiring;
    this.decider = decider;
    this.time = wiring.time();
  }

  @Override
  public void added(Pod pod) {
    if (!StaticPod.isMirror(pod)) {
      changed(pod);
    }
  }

  @Override
  public void updated(Pod before, Pod after) {
    if (StaticPod.isMirror(after)) {
      return;
    }
    if (!before.getMetadata().getUid().equals(after.getMetadata().getUid())) {
      deleted(before);
    }
    changed(after);
  }

  @Override
  public void deleted(Pod last) {
    String uid = last.getMetadata().getUid();
    @Nullable PodWorker worker;
    synchronized (this) {
      shown.remove(uid);
      worker = workers.get(uid);
    }
    if (worker != null) {
      worker.gone();
    }
  }

  @Override
  public void begin(Pod pod) {
    changed(pod);
  }

  @Override
  public void end(Pod pod) {
    deleted(pod);
  }

  @Override
  public Set<String> alive() {
    return uids();
  }

  @Override
  public void mirrorLost(String uid) {
    @Nullable PodWorker worker;
    synchronized (this) {
      worker = workers.get(uid);
    }
    if (worker != null) {
      worker.statusLost();
    }
  }

  private void changed(Pod pod) {
    String uid = pod.getMetadata().getUid();
    @Nullable PodWorker worker;
    synchronized (this) {
      shown.put(uid, pod);
      worker = workers.get(uid);
      if (worker == null) {
        begin(pod, false);
        return;
      }
    }
    worker.shown(pod);
  }

  /**
   * Takes over what the runtime still has of pods that the API no longer shows. Called once all
   * pods of the API are known.
   *
   * @throws dev.coxswain.kubelet.cri.CriException when the runtime does not answer
   */
  public void adoptOrphans(ContainerRuntime runtime) {
    List<PodSandbox> sandboxes = runtime.listPodSandboxes(PodSandboxFilter.getDefaultInstance());
    for (PodSandbox sandbox : sandboxes) {
      @Nullable String uid = sandbox.getLabelsMap().get(CriLabels.POD_UID);
      if (uid == null) {
        continue;
      }
      synchronized (this) {
        if (!workers.containsKey(uid)) {
          LOG.info(
              "Pod {}/{} is no longer in the API; what is left of it is stopped",
              sandbox.getMetadata().getNamespace(),
              sandbox.getMetadata().getName());
          begin(Orphans.pod(sandbox), true);
        }
      }
    }
  }

  private void begin(Pod pod, boolean orphan) {
    if (closed) {
      return;
    }
    PodMachine machine = new PodMachine(decider, pod, time.now());
    if (orphan) {
      machine.gone(time.now());
    }
    PodWorker worker = new PodWorker(wiring, machine, this);
    workers.put(pod.getMetadata().getUid(), worker);
    worker.start();
  }

  @Override
  public void preempt(Pod victim) {
    end(
        victim.getMetadata().getUid(),
        Ending.disrupted(
            time.now(),
            PodDecider.grace(victim),
            "Preempting",
            "Preempted in order to admit critical pod",
            "Pod was preempted by Kubelet to accommodate a critical pod."));
  }

  /** Those that have not ended. */
  @Override
  public List<Pod> active() {
    return workers().stream().filter(PodWorker::active).map(PodWorker::pod).toList();
  }

  /** The references of the images that volumes of pods show. */
  public Set<String> mountedImages() {
    Set<String> references = new HashSet<>();
    for (PodWorker worker : workers()) {
      worker.pod().getSpec().getVolumes().stream()
          .filter(volume -> volume.getImage() != null)
          .forEach(volume -> references.add(volume.getImage().getReference()));
    }
    return references;
  }

  /** All pods with what the runtime has of them. */
  public List<NodeReports.Running> running() {
    return workers().stream()
        .map(worker ->
            new NodeReports.Running(
                new PodBuilder(worker.pod()).withStatus(worker.status()).build(),
                worker.sandboxes().stream().anyMatch(SandboxView::ready),
                worker.containers()))
        .toList();
  }

  /** The uids of the pods that have ended and are still to be seen. */
  public Set<String> ended() {
    Set<String> uids = new HashSet<>();
    for (PodWorker worker : workers()) {
      if (PodDecider.terminal(worker.status())) {
        uids.add(worker.uid());
      }
    }
    return uids;
  }

  @Override
  public boolean released(String uid) {
    return workers().stream().noneMatch(worker -> worker.uid().equals(uid) && !worker.released());
  }

  @Override
  public boolean told(String uid) {
    return workers().stream().noneMatch(worker -> worker.uid().equals(uid) && !worker.told());
  }

  @Override
  public void onEnding(Runnable listener) {
    endingListeners.add(listener);
  }

  @Override
  public void ending() {
    endingListeners.forEach(Runnable::run);
  }

  /** Ends a pod as the node's doing; one that is not there has ended. */
  @Override
  public void end(String uid, Ending ending) {
    @Nullable PodWorker worker;
    synchronized (this) {
      worker = workers.get(uid);
    }
    if (worker != null) {
      worker.fail(ending);
    }
  }

  @Override
  public void done(PodWorker worker) {
    synchronized (this) {
      workers.remove(worker.uid(), worker);
      @Nullable Pod pod = shown.get(worker.uid());
      // The API still shows it: its worker failed, or the deletion has not been seen yet.
      if (pod != null && !worker.removed()) {
        begin(pod, false);
      }
    }
    ending();
  }

  /** What volumes wait for may have come. */
  public void volumesChanged() {
    workers().forEach(PodWorker::volumesChanged);
  }

  /**
   * Tells the workers of these pods what the runtime has of them, so that they look again where
   * that is new to them.
   *
   * @param states by the ids of sandboxes and containers, by the pods' uids
   */
  void listed(Map<String, Map<String, Integer>> states) {
    states.forEach((uid, ofPod) -> {
      @Nullable PodWorker worker;
      synchronized (this) {
        worker = workers.get(uid);
      }
      if (worker != null) {
        worker.listed(ofPod);
      }
    });
  }

  /** The uids of all pods that have a worker. */
  public synchronized Set<String> uids() {
    return new HashSet<>(workers.keySet());
  }

  /** All pods that have a worker. */
  public synchronized List<PodWorker> workers() {
    return List.copyOf(workers.values());
  }

  /** The logs that running containers write. */
  public Collection<LogRotator.Log> logs(NodePaths paths) {
    List<LogRotator.Log> logs = new ArrayList<>();
    for (PodWorker worker : workers()) {
      for (ContainerView container : worker.containers()) {
        if (container.state() == ContainerView.State.RUNNING) {
          logs.add(
              new LogRotator.Log(
                  container.id(),
                  paths
                      .podLogs(worker.pod())
                      .resolve(NodePaths.containerLog(container.name(), container.restarts()))));
        }
      }
    }
    return logs;
  }

  /**
   * The worker of a pod. While the API's pod has the name of one before it that still ends here,
   * the API's is meant.
   */
  public synchronized Optional<PodWorker> find(String namespace, String name) {
    return workers.values().stream()
        .filter(worker ->
            worker.pod().getMetadata().getName().equals(name)
                && worker.pod().getMetadata().getNamespace().equals(namespace))
        .max(Comparator.comparing(worker -> shown.containsKey(worker.uid())));
  }

  /** Stops the workers and leaves the pods running. */
  public void close() {
    List<PodWorker> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(workers.values());
    }
    all.forEach(PodWorker::stop);
  }
}
