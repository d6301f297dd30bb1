package dev.coxswain.kubelet.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.coxswain.proto.containerd.DeleteTaskRequest;
import dev.coxswain.proto.containerd.DeleteTaskResponse;
import dev.coxswain.proto.containerd.KillTaskRequest;
import dev.coxswain.proto.containerd.TasksGrpc;
import dev.coxswain.proto.containerd.WaitForTaskRequest;
import dev.coxswain.proto.containerd.WaitForTaskResponse;
import dev.coxswain.proto.cri.Container;
import dev.coxswain.proto.cri.ListContainersRequest;
import dev.coxswain.proto.cri.ListContainersResponse;
import dev.coxswain.proto.cri.RemoveContainerRequest;
import dev.coxswain.proto.cri.RemoveContainerResponse;
import dev.coxswain.proto.cri.RemovePodSandboxRequest;
import dev.coxswain.proto.cri.RemovePodSandboxResponse;
import dev.coxswain.proto.cri.RuntimeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CriClientTest {
  /** What has a task, by container id; all of one sandbox. */
  private final Set<String> tasks = new ConcurrentSkipListSet<>();

  private Server server;
  private ManagedChannel channel;
  private CriClient client;

  @BeforeEach
  void serve() throws Exception {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new CriService())
            .addService(new TaskService())
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .usePlaintext()
            .build();
    client = new CriClient(channel);
  }

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void whatNobodyEndsAnyMoreGoesBeforeItsContainer() {
    tasks.add("lost");
    client.removeContainer("lost");
    assertThat(tasks).isEmpty();
  }

  @Test
  void whatNobodyEndsAnyMoreGoesBeforeItsSandbox() {
    tasks.addAll(List.of("one", "other"));
    client.removePodSandbox("sandbox");
    assertThat(tasks).isEmpty();
  }

  @Test
  void aRemovalThatIsRefusedForAnotherReasonFails() {
    assertThatThrownBy(() -> client.removeContainer("refused"))
        .isInstanceOf(CriException.class)
        .hasMessage("rpc error: code = FailedPrecondition desc = cannot delete refused");
  }

  private final class CriService extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    @Override
    public void removeContainer(
        RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> answer) {
      String container = request.getContainerId();
      boolean stays = container.equals("refused") || tasks.contains(container);
      answer(answer, RemoveContainerResponse.getDefaultInstance(), stays, container);
    }

    @Override
    public void removePodSandbox(
        RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> answer) {
      answer(answer, RemovePodSandboxResponse.getDefaultInstance(), !tasks.isEmpty(), "sandbox");
    }

    @Override
    public void listContainers(
        ListContainersRequest request, StreamObserver<ListContainersResponse> answer) {
      ListContainersResponse.Builder found = ListContainersResponse.newBuilder();
      if (request.getFilter().getPodSandboxId().equals("sandbox")) {
        List.of("one", "other", "ended")
            .forEach(id -> found.addContainers(Container.newBuilder().setId(id)));
      }
      answer(answer, found.build(), false, "");
    }

    private static <T> void answer(
        StreamObserver<T> answer, T response, boolean refused, String what) {
      if (refused) {
        answer.onError(
            Status.FAILED_PRECONDITION.withDescription("cannot delete " + what).asException());
      } else {
        answer.onNext(response);
        answer.onCompleted();
      }
    }
  }

  private final class TaskService extends TasksGrpc.TasksImplBase {
    @Override
    public void kill(KillTaskRequest request, StreamObserver<Empty> answer) {
      answer(answer, request.getContainerId(), Empty.getDefaultInstance());
    }

    @Override
    public void wait(WaitForTaskRequest request, StreamObserver<WaitForTaskResponse> answer) {
      answer(answer, request.getContainerId(), WaitForTaskResponse.getDefaultInstance());
    }

    @Override
    public void delete(DeleteTaskRequest request, StreamObserver<DeleteTaskResponse> answer) {
      if (tasks.remove(request.getContainerId())) {
        answer.onNext(DeleteTaskResponse.getDefaultInstance());
        answer.onCompleted();
      } else {
        answer.onError(Status.NOT_FOUND.asException());
      }
    }

    private <T> void answer(StreamObserver<T> answer, String container, T response) {
      if (tasks.contains(container)) {
        answer.onNext(response);
        answer.onCompleted();
      } else {
        answer.onError(Status.NOT_FOUND.asException());
      }
    }
  }
}
