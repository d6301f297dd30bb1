package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.pod.ContainerView;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ContainerState;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.ContainerUser;
import dev.coxswain.proto.cri.LinuxContainerUser;
import dev.coxswain.proto.cri.Mount;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodObserverTest {
  /** The messages are containerd's, as kills of the kubelet brought them about. */
  @ParameterizedTest
  @CsvSource({
    "0, StartError, failed to create containerd task: failed to create shim task: context canceled:"
        + " unknown, true",
    "0, StartError, failed to create containerd task: failed to get task pid: context canceled:"
        + " unknown, true",
    "0, StartError, failed to create containerd task: failed to start shim: start failed: : signal:"
        + " killed: unknown, true",
    "0, StartError, failed to start containerd task \"a\": context canceled: unknown, false",
    "0, StartError, failed to create containerd task: exec: \"x\": executable file not found,"
        + " false",
    "7, Error, failed to create containerd task: context canceled, false"
  })
  void aStartThatWasBrokenOffBeforeThereWasAProcessIsNone(
      long startedAt, String reason, String message, boolean neverRan) {
    ContainerStatus status =
        ContainerStatus.newBuilder()
            .setStartedAt(startedAt)
            .setReason(reason)
            .setMessage(message)
            .build();
    assertThat(PodObserver.neverRan(status)).isEqualTo(neverRan);
  }

  /** Of an ended container, whose last words are on their way into its log. */
  @Test
  void whatIsLoggedAfterTheEndIsTakenForTheMessageToo(@TempDir Path folder) throws IOException {
    Path log = folder.resolve("0.log");
    PodObserver observer = new PodObserver(ended(log), new TerminationMessages(), "u1");
    PodObserver.Observation first = observer.observe();
    assertThat(first.containers()).extracting(ContainerView::message).containsExactly("");
    assertThat(first.late()).isTrue();
    Files.writeString(log, "2026-01-01T00:00:00.000000000Z stdout F from the log\n");
    PodObserver.Observation second = observer.observe();
    assertThat(second.containers())
        .extracting(ContainerView::message)
        .containsExactly("from the log\n");
    Files.delete(log);
    PodObserver.Observation last = second;
    for (int looks = 0; last.late(); looks++) {
      assertThat(looks).as("it is not looked for for ever").isLessThan(10);
      last = observer.observe();
    }
    assertThat(last.containers())
        .as("a log that is gone takes no message along")
        .extracting(ContainerView::message)
        .containsExactly("from the log\n");
  }

  @Test
  void whatTheRuntimeMadeOfAContainerIsSeen() {
    ContainerStatus status =
        ContainerStatus.newBuilder()
            .setId("c1")
            .setState(ContainerState.CONTAINER_RUNNING)
            .addMounts(Mount.newBuilder().setContainerPath("/data"))
            .addMounts(Mount.newBuilder().setContainerPath("/tools").setRecursiveReadOnly(true))
            .setUser(
                ContainerUser.newBuilder()
                    .setLinux(
                        LinuxContainerUser.newBuilder()
                            .setUid(1000)
                            .setGid(3000)
                            .addSupplementalGroups(3000)
                            .addSupplementalGroups(4000)))
            .build();
    Container listed =
        Container.newBuilder().setId("c1").setState(ContainerState.CONTAINER_RUNNING).build();
    PodObserver observer =
        new PodObserver(runtime(listed, status), new TerminationMessages(), "u1");
    ContainerView.Setup setup = observer.observe().containers().getFirst().setup();
    assertThat(setup.readOnlyRecursively()).containsExactly("/tools");
    assertThat(setup.user())
        .isEqualTo(
            new io.fabric8.kubernetes.api.model.ContainerUser(
                new io.fabric8.kubernetes.api.model.LinuxContainerUser(
                    3000L, List.of(3000L, 4000L), 1000L)));
  }

  private static ContainerRuntime ended(Path log) {
    Container listed =
        Container.newBuilder()
            .setId("c1")
            .setPodSandboxId("s1")
            .setState(ContainerState.CONTAINER_EXITED)
            .build();
    ContainerStatus status =
        ContainerStatus.newBuilder()
            .setId("c1")
            .setState(ContainerState.CONTAINER_EXITED)
            .setStartedAt(1)
            .setFinishedAt(2)
            .setExitCode(1)
            .setLogPath(log.toString())
            .putAnnotations(CriLabels.TERMINATION_MESSAGE_POLICY, "FallbackToLogsOnError")
            .build();
    return runtime(listed, status);
  }

  private static ContainerRuntime runtime(Container listed, ContainerStatus status) {
    return (ContainerRuntime)
        Proxy.newProxyInstance(
            ContainerRuntime.class.getClassLoader(),
            new Class<?>[] {ContainerRuntime.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "listPodSandboxes" -> List.of();
                  case "listContainers" -> List.of(listed);
                  case "containerStatus" -> status;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
