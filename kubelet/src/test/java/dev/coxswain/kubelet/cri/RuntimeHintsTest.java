package dev.coxswain.kubelet.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.coxswain.proto.containerd.Envelope;
import dev.coxswain.proto.containerd.TaskExit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RuntimeHintsTest {
  @ParameterizedTest
  @CsvSource({
    "/tasks/exit, c1, probe-7, true",
    "/tasks/exit, c1, c1, false",
    "/tasks/delete, c1, '', false"
  })
  void theEndOfACommandIsNotThatOfItsContainer(
      String topic, String container, String id, boolean ofCommand) {
    TaskExit exit = TaskExit.newBuilder().setContainerId(container).setId(id).build();
    Envelope event =
        Envelope.newBuilder()
            .setTopic(topic)
            .setEvent(
                Any.newBuilder()
                    .setTypeUrl("containerd.events.TaskExit")
                    .setValue(exit.toByteString()))
            .build();
    assertThat(RuntimeHints.isOfCommand(event)).isEqualTo(ofCommand);
  }
}
