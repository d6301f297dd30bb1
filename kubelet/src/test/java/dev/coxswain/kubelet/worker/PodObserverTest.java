package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.cri.ContainerStatus;
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
}
