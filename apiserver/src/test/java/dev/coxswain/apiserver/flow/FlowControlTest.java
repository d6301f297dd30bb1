package dev.coxswain.apiserver.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.apiserver.request.Turnstile.Seat;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.runtime.time.ForwardingTime;
import dev.coxswain.runtime.time.SystemTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** A server with one seat for each level. */
final class FlowControlTest {
  private static final UserInfo ADA = UserInfo.of("ada", List.of()).with(UserInfo.AUTHENTICATED);
  private static final RequestInfo PODS = RequestInfo.parse("GET", "/api/v1/pods", Query.NONE);

  private static final ObjectView NOTHING =
      new ObjectView() {
        @Override
        public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
          return Optional.empty();
        }

        @Override
        public List<ObjectNode> list(GroupResource resource, String namespace) {
          return List.of();
        }

        @Override
        public long revision(GroupResource resource) {
          return 0;
        }
      };

  /** Runs when the clock is looked at for the second time from when it is set. */
  private final AtomicReference<Runnable> soon = new AtomicReference<>();

  private final FlowControl control =
      new FlowControl(1, NOTHING, _ -> 0, new PrometheusRegistry(), new InterposedTime());

  private final class InterposedTime extends ForwardingTime {
    private int looks;

    InterposedTime() {
      super(new SystemTime());
    }

    @Override
    public long nanos() {
      Runnable task = soon.get();
      if (task != null && ++looks == 2) {
        soon.set(null);
        task.run();
      }
      return super.nanos();
    }
  }

  private Seat enter() throws InterruptedException {
    AtomicReference<Seat> seat = new AtomicReference<>();
    LocalRequests.send(
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) throws InterruptedException {
            seat.set(control.enter(exchange, PODS, Query.NONE, ADA));
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        },
        "GET",
        "/api/v1/pods",
        Map.of(),
        new byte[0]);
    return Objects.requireNonNull(seat.get());
  }

  @Test
  void whoIsInterruptedJustWhenItsTurnComesGivesTheSeatBack() throws InterruptedException {
    Seat first = enter();
    // The first look is that of its arrival, the second that of its leaving.
    soon.set(first::close);
    Thread.currentThread().interrupt();
    boolean interrupted = false;
    try {
      enter().close();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    assertThat(interrupted).isTrue();
    assertThat(soon.get()).isNull();
    // Nobody has the seat; else this would wait, and be refused in the end.
    enter().close();
  }
}
