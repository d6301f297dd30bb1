package dev.coxswain.apiserver.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import org.junit.jupiter.api.Test;

final class WriteContextTest {
  @Test
  void optionsWithinTheBodyOfAnEvictionMayAskForADryRun() {
    WriteContext context = WriteContext.internal();
    assertThat(context.within(Json.parseObject("{}")).dryRun()).isFalse();
    assertThat(context.within(Json.parseObject("{\"dryRun\": [\"All\"]}")).dryRun()).isTrue();
    assertThatThrownBy(() -> context.within(Json.parseObject("{\"dryRun\": [\"Some\"]}")))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("dryRun");
  }
}
