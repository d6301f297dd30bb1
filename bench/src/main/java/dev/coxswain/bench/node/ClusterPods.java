package dev.coxswain.bench.node;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.kubelet.cri.CriClient;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.proto.cri.PodSandboxFilter;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ListWatchInformer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Pods that are created in the API, bound to the node already, and seen there to run and to go. */
final class ClusterPods implements Pods, Informer.Handler<Pod>, AutoCloseable {
  private static final String NAMESPACE = "default";
  private static final Duration SYNC = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final ResourceClient<Pod> pods;
  private final ListWatchInformer<Pod> informer;
  private final CriClient runtime;
  private final String node;
  private final Time time;

  /** Names, guarded by this. */
  private final Set<String> known = new HashSet<>();

  /** Names, guarded by this. */
  private final Set<String> running = new HashSet<>();

  private int rounds;
  private int count;

  ClusterPods(ApiClient api, CriClient runtime, String node, Time time, Randomness random)
      throws InterruptedException {
    this.pods = api.resource(Pod.class);
    this.runtime = runtime;
    this.node = node;
    this.time = time;
    informer =
        ListWatchInformer.of(
            api, Pod.class, NAMESPACE, ListOptions.fields("spec.nodeName=" + node), time, random);
    informer.handle(this);
    informer.start();
    if (!informer.awaitSync(SYNC)) {
      throw new IllegalStateException("the API server does not list pods");
    }
  }

  @Override
  public void start(int wanted) throws InterruptedException {
    rounds++;
    count = wanted;
    Together.each(wanted, number -> pods.create(pod(name(number))));
    synchronized (this) {
      while (running.size() < wanted) {
        wait();
      }
    }
  }

  @Override
  public void stop() throws InterruptedException {
    Together.each(
        count,
        number -> {
          pods.delete(new ObjectKey(NAMESPACE, name(number)), DeleteOptions.DEFAULT);
          return number;
        });
    synchronized (this) {
      while (!known.isEmpty()) {
        wait();
      }
    }
    // The API forgets a pod once it has stopped; the bare calls end with the sandbox' removal.
    PodSandboxFilter ours =
        PodSandboxFilter.newBuilder().putLabelSelector(CriLabels.POD_NAMESPACE, NAMESPACE).build();
    while (!runtime.listPodSandboxes(ours).isEmpty()) {
      time.sleep(LOOK_AGAIN);
    }
  }

  private String name(int number) {
    return "bench-" + rounds + "-" + number;
  }

  private Pod pod(String name) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .withTerminationGracePeriodSeconds(GRACE_SECONDS)
        .addNewContainer()
        .withName("main")
        .withImage(IMAGE)
        .withCommand(COMMAND)
        .endContainer()
        .endSpec()
        .build();
  }

  @Override
  public void added(Pod pod) {
    seen(pod);
  }

  @Override
  public void updated(Pod before, Pod after) {
    seen(after);
  }

  private synchronized void seen(Pod pod) {
    String name = pod.getMetadata().getName();
    known.add(name);
    if ("Running".equals(pod.getStatus().getPhase())) {
      running.add(name);
    }
    notifyAll();
  }

  @Override
  public synchronized void deleted(Pod last) {
    known.remove(last.getMetadata().getName());
    running.remove(last.getMetadata().getName());
    notifyAll();
  }

  @Override
  public void close() {
    informer.close();
  }
}
