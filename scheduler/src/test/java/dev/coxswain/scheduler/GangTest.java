package dev.coxswain.scheduler;

import static dev.coxswain.scheduler.RunningScheduler.node;
import static dev.coxswain.scheduler.RunningScheduler.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.scheduler.config.SchedulerConfiguration;
import dev.coxswain.scheduler.snapshot.Gangs;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of a group or none, with threads, against an API server in memory. */
class GangTest {
  private static final String GROUP = "pod-group.scheduling.sigs.k8s.io/name";
  private static final String CONFIGURATION =
      """
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      profiles:
        - schedulerName: default-scheduler
          plugins:
            multiPoint: {enabled: [{name: Coscheduling}]}
          pluginConfig:
            - {name: Coscheduling, args: {permitWaitingTimeSeconds: 30}}
      """;

  private RunningScheduler running;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("scheduler.yaml"), CONFIGURATION);
    running = new RunningScheduler(SchedulerConfiguration.read(file).profiles().getFirst());
    running.api.seed(Job.class, job("gang", "4"));
    running.scheduler.lead(true);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  @Test
  void aGroupOfFourDoesNotTakeTheRoomOfThree() {
    running.api.seed(Node.class, node("n1", "3"));
    create(4);
    await()
        .until(() ->
            running.events.stream()
                .anyMatch(event -> event.contains("of the same group fits nowhere")));
    // Nobody holds a place for long: a pod of nobody's group has the room.
    running.pods.create(pod("alone", "3", 0));
    await().until(() -> bound().contains("alone"));
    assertThat(bound()).containsExactly("alone");

    running.api.seed(Node.class, node("n2", "4"));
    await().until(() -> bound().size() == 5);
  }

  @Test
  void aGroupWaitsForItsLastPod() {
    running.api.seed(Node.class, node("n1", "4"));
    create(3);
    await()
        .until(() ->
            running.events.stream()
                .anyMatch(event ->
                    event.contains(
                        "cannot find enough sibling pods, current pods number: 3, minMember of"
                            + " group: 4")));
    assertThat(bound()).isEmpty();
    running.pods.create(member("gang-3"));
    await().until(() -> bound().size() == 4);
  }

  @Test
  void aGroupOfWhichNobodySaysHowManyWaits() {
    running.api.seed(Node.class, node("n1", "4"));
    running.pods.create(
        new PodBuilder(member("early"))
            .editMetadata()
            .addToLabels(GROUP, "unheard-of")
            .endMetadata()
            .build());
    await()
        .until(() ->
            running.events.stream()
                .anyMatch(event ->
                    event.contains("says how many of group default/unheard-of must run at once")));
    running.api.seed(Job.class, job("unheard-of", "1"));
    await().until(() -> bound().contains("early"));
  }

  private static Job job(String group, String minimum) {
    return new JobBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName("job-" + group)
        .addToLabels(GROUP, group)
        .addToLabels(Gangs.MIN_AVAILABLE, minimum)
        .endMetadata()
        .build();
  }

  private void create(int count) {
    for (int index = 0; index < count; index++) {
      running.pods.create(member("gang-" + index));
    }
  }

  private List<String> bound() {
    return running.pods.list("default", ListOptions.ALL).items().stream()
        .filter(pod -> pod.getSpec().getNodeName() != null)
        .map(pod -> pod.getMetadata().getName())
        .toList();
  }

  private static Pod member(String name) {
    return new PodBuilder(pod(name, "1", 0))
        .editMetadata()
        .addToLabels(GROUP, "gang")
        .endMetadata()
        .build();
  }
}
