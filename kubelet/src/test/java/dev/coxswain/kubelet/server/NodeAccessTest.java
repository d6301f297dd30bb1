package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeAccessTest {

  @ParameterizedTest
  @CsvSource({
    "GET, /metrics/cadvisor, get, metrics",
    "GET, /metrics, get, metrics",
    "GET, /stats/summary, get, stats",
    "GET, /logs/messages, get, log",
    "GET, /healthz, get, healthz proxy",
    "GET, /pods, get, pods proxy",
    "GET, /runningpods/, get, pods proxy",
    "GET, /configz, get, configz proxy",
    "GET, /metricsandmore, get, proxy",
    "POST, /exec/ns/pod/main, create, proxy",
    "GET, /containerLogs/ns/pod/main, get, proxy",
    "DELETE, /, delete, proxy",
  })
  void aRequestIsWhatUpstreamCallsIt(String method, String path, String verb, String subresources) {
    assertThat(NodeAccess.of(method, path))
        .isEqualTo(new NodeAccess(verb, List.of(subresources.split(" ", -1))));
  }

  @Test
  void anAnswerHoldsForItsTimeAndTheOldestIsDropped() {
    ManualTime time = new ManualTime();
    List<String> asked = new ArrayList<>();
    Answered<String, Integer> answers = new Answered<>(2, time);
    for (String question : List.of("one", "one", "two", "one")) {
      assertThat(ask(answers, question, asked)).isEqualTo(3);
    }
    assertThat(asked).containsExactly("one", "two");
    ask(answers, "three", asked);
    ask(answers, "one", asked);
    assertThat(asked).containsExactly("one", "two", "three");
    ask(answers, "two", asked);
    assertThat(asked).containsExactly("one", "two", "three", "two");
    time.advance(Duration.ofMinutes(1));
    ask(answers, "two", asked);
    assertThat(asked).endsWith("two", "two");
  }

  private static int ask(Answered<String, Integer> answers, String question, List<String> asked) {
    return answers.get(
        question,
        wanted -> {
          asked.add(wanted);
          return 3;
        },
        answer -> Duration.ofMinutes(1));
  }
}
