package dev.coxswain.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class TriggerTimeTest {
  @Test
  void itIsFoundOutOnceAndOnlyForWhatIsWritten() {
    AtomicInteger asked = new AtomicInteger();
    TriggerTime trigger = TriggerTime.of(() -> "time " + asked.incrementAndGet());
    assertThat(asked).hasValue(0);
    assertThat(trigger.text()).isEqualTo("time 1");
    assertThat(trigger.text()).isEqualTo("time 1");

    Map<String, String> annotations = new HashMap<>(Map.of(TriggerTime.ANNOTATION, "before"));
    TriggerTime.put(annotations, TriggerTime.NONE.text());
    assertThat(annotations).isEmpty();
  }
}
