package dev.coxswain.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StopSignalsTest {

  @ParameterizedTest
  @CsvSource({
    "SIGUSR1, 10",
    "SIGTERM, 15",
    "SIGSYS, 31",
    "SIGRTMIN, 34",
    "SIGRTMIN+3, 37",
    "SIGRTMAX-1, 63",
    "SIGRTMAX, 64"
  })
  void aNameIsANumber(String name, int number) {
    assertThat(StopSignals.number(name)).hasValue(number);
  }

  @ParameterizedTest
  @CsvSource({"TERM", "sigterm", "SIGRTMIN+31", "SIGRTMAX-31", "SIGRTMIN-1", "15"})
  void whatIsNoSignalIsNone(String name) {
    assertThat(StopSignals.number(name)).isEmpty();
  }

  @Test
  void whoAsksForNoneHasNone() {
    assertThat(StopSignals.of(new Container())).isEmpty();
    Container hooked =
        new ContainerBuilder()
            .withNewLifecycle()
            .withNewPreStop()
            .endPreStop()
            .endLifecycle()
            .build();
    assertThat(StopSignals.of(hooked)).isEmpty();
  }
}
