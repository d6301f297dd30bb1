package dev.coxswain.runtime.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AnsweredTest {

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
