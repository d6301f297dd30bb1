package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SlowRequestsTest {
  private static final int MANY = 100;

  private final ManualTime time = new ManualTime();
  private final List<String> lines = new ArrayList<>();
  private final SlowRequests slow = new SlowRequests(time, lines::add);

  private void finished(RequestTrace trace) throws InterruptedException {
    LocalRequests.send(
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) throws InterruptedException {
            exchange.answer(Answer.text(200, ""));
            RequestInfo info = RequestInfo.parse("GET", exchange.request().path(), Query.NONE);
            slow.finished(exchange, info, trace);
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        },
        "GET",
        "/api/v1/pods",
        Map.of("User-Agent", "kubectl/v1.34.0"),
        new byte[0]);
  }

  @Test
  void halfASecondIsSlow() throws InterruptedException {
    RequestTrace trace = RequestTrace.begin(time);
    time.advance(SlowRequests.SLOW.minusNanos(1));
    finished(trace);
    assertThat(lines).isEmpty();
    time.advance(Duration.ofNanos(1));
    finished(trace);
    assertThat(lines)
        .containsExactly(
            "slow request: list /api/v1/pods by kubectl/v1.34.0 answered 200 after 500 ms: the rest"
                + " 500 ms");
  }

  @Test
  void whereAllAreSlowSomeAreToldAndTheOthersCounted() throws InterruptedException {
    RequestTrace trace = RequestTrace.begin(time);
    time.advance(Duration.ofSeconds(1));
    for (int i = 0; i < MANY; i++) {
      finished(trace);
    }
    assertThat(lines).hasSize(SlowRequests.LINES_A_SECOND).noneMatch(l -> l.contains("not told"));
    time.advance(Duration.ofSeconds(1));
    finished(trace);
    assertThat(lines.getLast())
        .endsWith(
            "; " + (MANY - SlowRequests.LINES_A_SECOND) + " slow ones before it are not told of");
  }
}
