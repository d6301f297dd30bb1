package dev.coxswain.kubelet.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coxswain.proto.containerd.Envelope;
import dev.coxswain.proto.containerd.EventsGrpc;
import dev.coxswain.proto.containerd.SubscribeRequest;
import dev.coxswain.proto.containerd.TaskExit;
import dev.coxswain.proto.cri.GetEventsRequest;
import dev.coxswain.proto.cri.RuntimeServiceGrpc;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for signs that something happened in the runtime: CRI's GetContainerEvents where there is
 * one, else containerd's own event stream, else nothing. What happened is not read from the events;
 * they only say when to look.
 */
public final class RuntimeHints {
  private static final Logger LOG = LoggerFactory.getLogger(RuntimeHints.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** Where neither stream exists, for the case that the runtime is replaced by one that has it. */
  private static final Duration RETRY_UNSUPPORTED = Duration.ofMinutes(5);

  /** Not of commands that are run in containers, as probes are, nor of what has not begun yet. */
  private static final String CONTAINERD_TASKS =
      "namespace==k8s.io,topic~=\"^/tasks/(start|oom|exit|delete)$\"";

  private static final String EXIT = "/tasks/exit";

  private final ManagedChannel channel;
  private final Time time;
  private final Listener listener;
  private volatile boolean stopped;

  /** Whether CRI's own stream is tried next; of the listening thread alone. */
  private boolean cri = true;

  /** Told of hints; must not block. */
  public interface Listener {
    void hint();

    /** Whether hints can be expected from now on. */
    void hinting(boolean expected);
  }

  /** Listens on the runtime's channel. */
  public RuntimeHints(ManagedChannel channel, Time time, Listener listener) {
    this.channel = channel;
    this.time = time;
    this.listener = listener;
  }

  /** Starts listening on a thread of its own. */
  public void start() {
    Rounds.start("runtime-hints", time, () -> !stopped, this::round);
  }

  /** Ends with the channel. */
  public void stop() {
    stopped = true;
  }

  private void round() throws InterruptedException {
    Duration pause = RETRY;
    try {
      if (cri) {
        follow(
            RuntimeServiceGrpc.newBlockingStub(channel)
                .getContainerEvents(GetEventsRequest.getDefaultInstance()),
            event -> true);
      } else {
        Iterator<Envelope> events =
            EventsGrpc.newBlockingStub(channel)
                .subscribe(SubscribeRequest.newBuilder().addFilters(CONTAINERD_TASKS).build());
        listener.hinting(true);
        follow(events, event -> !isOfCommand(event));
      }
    } catch (StatusRuntimeException ended) {
      if (ended.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        pause = cri ? Duration.ZERO : RETRY_UNSUPPORTED;
        cri = !cri;
      } else if (!stopped) {
        LOG.debug("The runtime's event stream ended: {}", ended.getStatus());
        cri = true;
      }
    } finally {
      listener.hinting(false);
    }
    time.sleep(pause);
  }

  private <E> void follow(Iterator<E> events, Predicate<E> matters) {
    while (events.hasNext()) {
      if (matters.test(events.next())) {
        listener.hinting(true);
        listener.hint();
      }
    }
  }

  /** Whether it tells of a command's end and not of its container's. */
  static boolean isOfCommand(Envelope event) {
    if (!event.getTopic().equals(EXIT)) {
      return false;
    }
    try {
      TaskExit exit = TaskExit.parseFrom(event.getEvent().getValue());
      return !exit.getId().equals(exit.getContainerId());
    } catch (InvalidProtocolBufferException other) {
      return false;
    }
  }
}
