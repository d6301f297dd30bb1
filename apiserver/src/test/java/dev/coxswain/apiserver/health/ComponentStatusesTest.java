package dev.coxswain.apiserver.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ComponentStatusesTest {
  private static final ObjectNode LEASE =
      Json.parseObject(
          "{\"spec\": {\"leaseDurationSeconds\": 15, \"renewTime\":"
              + " \"2026-01-01T00:00:00.000000Z\"}}");

  @Test
  void whoRenewsItsLeaseIsWell() {
    assertThat(
            ComponentStatuses.overdue(
                "kube-scheduler", LEASE, Instant.parse("2026-01-01T00:00:15Z")))
        .isEmpty();
  }

  @Test
  void aLeaseThatRanOutIsTold() {
    assertThat(
            ComponentStatuses.overdue(
                "kube-scheduler", LEASE, Instant.parse("2026-01-01T00:00:16Z")))
        .hasValue(
            "no kube-scheduler leads: the last one renewed its lease at 2026-01-01T00:00:00Z");
  }

  @Test
  void aLeaseThatNobodyHoldsIsTold() {
    assertThat(ComponentStatuses.overdue("kube-scheduler", Json.object(), Instant.EPOCH))
        .hasValue("no kube-scheduler leads");
  }
}
