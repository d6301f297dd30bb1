package dev.coxswain.e2e;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The pods of one node in a storm. Each container writes a line to a file on the node when it
 * starts; what was asked of a pod says how many lines there must be in the end.
 */
final class Crew {
  private static final int MOST_STANDING = 4;

  /** The back-off doubles with each fall; more would be waited for too long. */
  private static final int MOST_FALLS = 3;

  /** Writes its start down and serves, until the file of this start tells it to fall. */
  private static final String STANDS =
      "echo start >> /log/$POD; n=$(wc -l < /log/$POD); /bin/demo & "
          + "while [ ! -e /log/$POD.fall$n ]; do sleep 1; done; exit 3";

  private static final String FIELDS =
      "image: \"coxswain/demo:1\", volumeMounts: [{name: log, mountPath: /log}],"
          + " env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]";
  private static final String PROBE =
      "port: 8080}, timeoutSeconds: 10, failureThreshold: 10, periodSeconds: ";

  private final KubernetesClient client;
  private final String namespace;
  private final String node;
  private final Path log;
  private final Random random;

  /** Those that stand, with how often each was told to fall. */
  private final Map<String, Integer> standing = new TreeMap<>();

  /** Those that were deleted while they stood, likewise. */
  private final Map<String, Integer> deleted = new TreeMap<>();

  private final List<String> ending = new ArrayList<>();
  private final List<String> uids = new ArrayList<>();
  private final List<String> wrongs = new ArrayList<>();
  private int started;

  Crew(KubernetesClient client, String namespace, String node, Path log, Random random) {
    this.client = client;
    this.namespace = namespace;
    this.node = node;
    this.log = log;
    this.random = random;
  }

  Random random() {
    return random;
  }

  /** How many pods there were. */
  int pods() {
    return uids.size();
  }

  /** How many containers were found to have started. */
  int started() {
    return started;
  }

  /** What was found wrong, in words. */
  List<String> wrongs() {
    return List.copyOf(wrongs);
  }

  @Override
  public String toString() {
    return node;
  }

  /** Something happens. */
  void change() {
    switch (random.nextInt(6)) {
      case 0 -> stand();
      case 1 -> end();
      case 2 -> someone(this::delete);
      case 3 -> someone(this::fall);
      case 4 -> someone(this::resize);
      default -> {
        end();
        stand();
      }
    }
  }

  private interface Deed {
    void to(String pod);
  }

  private void someone(Deed deed) {
    if (standing.isEmpty()) {
      stand();
    } else {
      deed.to(List.copyOf(standing.keySet()).get(random.nextInt(standing.size())));
    }
  }

  private void stand() {
    if (standing.size() == MOST_STANDING) {
      return;
    }
    String name = "stands-" + node + "-" + uids.size();
    create(
        name,
        """
          initContainers:
            - {name: init, command: [sh, -c, "echo start >> /log/$POD.init"], %2$s}
          containers:
            - {name: main, command: [sh, -c, '%1$s'], %2$s,
               resources: {requests: {cpu: 10m}, limits: {cpu: 500m}},
               readinessProbe: {httpGet: {path: /health/readiness, %3$s 1},
               livenessProbe: {httpGet: {path: /health/liveness, %3$s 2}}
        """
            .formatted(STANDS, FIELDS, PROBE));
    standing.put(name, 0);
  }

  private void end() {
    String name = "ends-" + node + "-" + uids.size();
    create(
        name,
        """
          restartPolicy: Never
          containers:
            - {name: main, command: [sh, -c, "echo start >> /log/$POD; sleep 1"], %s}
        """
            .formatted(FIELDS));
    ending.add(name);
  }

  private void create(String name, String containers) {
    String manifest =
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          nodeSelector: {kubernetes.io/hostname: %s}
          terminationGracePeriodSeconds: 1
          volumes: [{name: log, hostPath: {path: %s}}]
        %s\
        """
            .formatted(name, node, log, containers);
    Pod pod =
        client
            .pods()
            .inNamespace(namespace)
            .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
            .create();
    uids.add(pod.getMetadata().getUid());
  }

  private void delete(String pod) {
    pod(pod).delete();
    deleted.put(pod, falls(pod));
    standing.remove(pod);
  }

  private void fall(String pod) {
    int times = falls(pod) + 1;
    if (times <= MOST_FALLS) {
      try {
        Files.createFile(log.resolve(pod + ".fall" + times));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      standing.put(pod, times);
    }
  }

  private void resize(String pod) {
    pod(pod)
        .subresource("resize")
        .patch(
            PatchContext.of(PatchType.STRATEGIC_MERGE),
            "{\"spec\":{\"containers\":[{\"name\":\"main\",\"resources\":{\"requests\":{\"cpu\":\""
                + (10 + random.nextInt(20))
                + "m\"}}}]}}");
  }

  /** What was asked and has not come: what ends and has not, what stands and has not risen. */
  List<String> unsettled() {
    List<String> found = new ArrayList<>();
    ending.stream()
        .map(this::get)
        .filter(pod -> !ended(pod))
        .forEach(pod ->
            found.add(
                pod.getMetadata().getName()
                    + " has not ended: "
                    + Serialization.asYaml(pod.getStatus())));
    standing.forEach((name, falls) -> {
      if (starts(name) <= falls || !ready(get(name))) {
        found.add(
            "%s fell %d times, started %d times: %s"
                .formatted(name, falls, starts(name), Serialization.asYaml(get(name).getStatus())));
      }
    });
    return found;
  }

  /**
   * It has run to its end, or the kill came while containerd started its process: whether that has
   * done anything nobody knows, so that it counts as failed and is not started again.
   */
  private static boolean ended(Pod pod) {
    return pod.getStatus().getPhase().equals("Succeeded") || brokenOff(pod);
  }

  private static boolean brokenOff(Pod pod) {
    return pod.getStatus().getPhase().equals("Failed")
        && pod.getStatus().getContainerStatuses().stream()
            .map(one -> one.getState().getTerminated())
            .allMatch(StatusHistory::isDoubtful);
  }

  private static boolean ready(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream().allMatch(ContainerStatus::getReady)
        && pod.getStatus().getConditions().stream()
            .noneMatch(condition -> condition.getType().startsWith("PodResize"));
  }

  /** Counts, and has all pods deleted. */
  void dismiss(StatusHistory history) {
    standing.forEach((name, falls) -> {
      int doubtful = history.doubtful(name);
      count(name, falls + 1, falls + 1 + doubtful);
      count(name + ".init", 1, 1 + doubtful);
      int restarts = get(name).getStatus().getContainerStatuses().getFirst().getRestartCount();
      if (restarts < falls || restarts > falls + doubtful) {
        wrongs.add(name + " fell " + falls + " times and counts " + restarts + " restarts");
      }
      if (starts(name) > restarts + 1) {
        wrongs.add(
            name + " counts " + restarts + " restarts and started " + starts(name) + " times");
      }
      pod(name).delete();
    });
    deleted.forEach((name, falls) -> {
      count(name, 0, falls + 1 + history.doubtful(name));
      count(name + ".init", 0, 1 + history.doubtful(name));
    });
    ending.forEach(name -> {
      count(name, brokenOff(get(name)) ? 0 : 1, 1);
      pod(name).delete();
    });
  }

  private void count(String file, int least, int most) {
    int found = starts(file);
    started += found;
    if (found < least || found > most) {
      wrongs.add(file + " started " + found + " times, not " + least + " to " + most);
    }
  }

  boolean gone() {
    return client.pods().inNamespace(namespace).list().getItems().stream()
        .noneMatch(pod -> uids.contains(pod.getMetadata().getUid()));
  }

  /** Whether the node has no container, folder, mount or control group of these pods. */
  boolean leftNothing(Cluster cluster) {
    String found =
        cluster
            .onNode(
                node,
                "sh",
                "-c",
                "ctr -n k8s.io containers ls -q 'labels.\"io.kubernetes.pod.name\"~=\"^(stands"
                    + "|ends)-"
                    + node
                    + "-\"'; ls /var/lib/kubelet/pods | sed s/^/folder-/; cat"
                    + " /proc/self/mountinfo | sed s/^/mount-/; find /sys/fs/cgroup -maxdepth 6"
                    + " -type d -name 'pod*' | sed s/^/group-/")
            .orFail();
    return found
        .lines()
        .noneMatch(line ->
            !line.matches("(folder|mount|group)-.*") || uids.stream().anyMatch(line::contains));
  }

  private int falls(String pod) {
    return standing.getOrDefault(pod, 0);
  }

  private int starts(String file) {
    Path lines = log.resolve(file);
    try {
      return Files.exists(lines) ? Files.readAllLines(lines).size() : 0;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Pod get(String name) {
    return pod(name).get();
  }

  private PodResource pod(String name) {
    return client.pods().inNamespace(namespace).withName(name);
  }
}
