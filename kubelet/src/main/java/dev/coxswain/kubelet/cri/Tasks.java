package dev.coxswain.kubelet.cri;

import dev.coxswain.proto.containerd.KillTaskRequest;
import dev.coxswain.proto.containerd.TasksGrpc;
import dev.coxswain.proto.containerd.WaitForTaskRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Signals to containers by containerd's own API: CRI has a field for them that no containerd at
 * hand reads.
 */
final class Tasks {
  private final Channel channel;

  Tasks(Channel channel) {
    this.channel = channel;
  }

  /**
   * Sends the signal and waits for the container's end, but for no longer than this.
   *
   * @return whether the runtime knows how to; it does not where it is not containerd
   */
  boolean end(String containerId, int signal, Duration longest) {
    try {
      stub()
          .kill(KillTaskRequest.newBuilder().setContainerId(containerId).setSignal(signal).build());
      stub()
          .withDeadlineAfter(longest.toMillis(), TimeUnit.MILLISECONDS)
          .wait(WaitForTaskRequest.newBuilder().setContainerId(containerId).build());
      return true;
    } catch (StatusRuntimeException failure) {
      return switch (failure.getStatus().getCode()) {
        case UNIMPLEMENTED -> false;
        // It has ended already, or does not end in time.
        case NOT_FOUND, DEADLINE_EXCEEDED -> true;
        default -> throw CriException.of(failure);
      };
    }
  }

  private TasksGrpc.TasksBlockingStub stub() {
    return Containerd.call(TasksGrpc.newBlockingStub(channel));
  }
}
