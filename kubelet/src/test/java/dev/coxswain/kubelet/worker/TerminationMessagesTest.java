package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TerminationMessagesTest {
  private final TerminationMessages messages = new TerminationMessages();
  @TempDir private Path folder = Path.of("");

  @Test
  void ofAMessageThatIsTooLongTheEndIsTaken() throws IOException {
    Path file = folder.resolve("message");
    Files.writeString(file, "a".repeat(5000) + "the cause");
    assertThat(messages.of(status(file, "").build()).text()).hasSize(4096).endsWith("athe cause");
    Files.writeString(file, "short");
    assertThat(messages.of(status(file, "").build()).text()).isEqualTo("short");
  }

  @Test
  void whatTheRuntimeSaysIsNotLost() throws IOException {
    Path file = folder.resolve("message");
    Files.writeString(file, "own");
    assertThat(messages.of(status(file, "runtime").build()).text()).isEqualTo("runtime: own");
    Files.writeString(file, "");
    assertThat(messages.of(status(file, "runtime").build()).text()).isEqualTo("runtime");
    Path log = folder.resolve("0.log");
    ContainerStatus broken =
        status(file, "no such program")
            .setExitCode(128)
            .setLogPath(log.toString())
            .putAnnotations(CriLabels.TERMINATION_MESSAGE_POLICY, "FallbackToLogsOnError")
            .build();
    TerminationMessages.Message message = messages.of(broken);
    assertThat(message.text()).isEqualTo("no such program");
    assertThat(message.saying("late\n").text()).isEqualTo("no such program: late\n");
  }

  private static ContainerStatus.Builder status(Path file, String runtime) {
    return ContainerStatus.newBuilder()
        .setMessage(runtime)
        .addMounts(
            Mount.newBuilder().setContainerPath("/dev/said").setHostPath(file.toString()).build())
        .putAnnotations(CriLabels.TERMINATION_MESSAGE_PATH, "/dev/said");
  }
}
