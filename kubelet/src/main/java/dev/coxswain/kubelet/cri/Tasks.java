package dev.coxswain.kubelet.cri;

import dev.coxswain.proto.containerd.DeleteTaskRequest;
import dev.coxswain.proto.containerd.KillTaskRequest;
import dev.coxswain.proto.containerd.TasksGrpc;
import dev.coxswain.proto.containerd.WaitForTaskRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What CRI cannot, by containerd's own API: a signal to a container (CRI has a field for it that no
 * containerd at hand reads), and the end of a task that CRI has lost sight of.
 */
final class Tasks {
  private static final int SIGKILL = 9;

  /** What is killed ends at once, unless the kernel itself hangs. */
  private static final Duration KILL = Duration.ofSeconds(10);

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

  /**
   * Kills and deletes what CRI left of a container that it calls ended. A start that is broken off
   * (its caller died) just when the task was made leaves one that nobody starts or ends any more,
   * and with it neither the container nor its sandbox can be removed.
   *
   * @return whether there was a task, which is gone now
   */
  boolean delete(String containerId) {
    try {
      end(containerId, SIGKILL, KILL);
      stub().delete(DeleteTaskRequest.newBuilder().setContainerId(containerId).build());
      return true;
    } catch (StatusRuntimeException failure) {
      return switch (failure.getStatus().getCode()) {
        case UNIMPLEMENTED, NOT_FOUND -> false;
        default -> throw CriException.of(failure);
      };
    }
  }

  private TasksGrpc.TasksBlockingStub stub() {
    return Containerd.call(TasksGrpc.newBlockingStub(channel));
  }
}
