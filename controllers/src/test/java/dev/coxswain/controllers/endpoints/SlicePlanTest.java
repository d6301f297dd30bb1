package dev.coxswain.controllers.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SlicePlanTest {

  @Test
  void firstFillsSlicesOfAHundred() {
    List<SlicePlan.Slice> plan = SlicePlan.plan(List.of(), endpoints(0, 250));
    assertThat(plan).extracting(slice -> slice.endpoints().size()).containsExactly(100, 100, 50);
    assertThat(plan).allMatch(slice -> slice.existing().isEmpty() && slice.changed());
  }

  @Test
  void leavesAloneWhatDidNotChange() {
    List<SlicePlan.Slice> plan =
        SlicePlan.plan(List.of(endpoints(0, 100), endpoints(100, 150)), endpoints(0, 150));
    assertThat(plan).noneMatch(SlicePlan.Slice::changed);
  }

  @Test
  void putsANewOneWhereAWriteIsDueAnyhow() {
    List<Endpoint> wanted = new ArrayList<>(endpoints(1, 160));
    List<SlicePlan.Slice> plan =
        SlicePlan.plan(List.of(endpoints(0, 100), endpoints(100, 150)), wanted);
    assertThat(plan.get(0).endpoints()).hasSize(100);
    assertThat(plan.get(0).changed()).isTrue();
    assertThat(plan.get(1).endpoints()).hasSize(59);
    assertThat(plan).hasSize(2);
  }

  @Test
  void oneThatChangesStaysInItsSlice() {
    List<Endpoint> wanted = new ArrayList<>(endpoints(0, 3));
    wanted.set(
        1,
        new EndpointBuilder(wanted.get(1))
            .withNewConditions()
            .withReady(false)
            .endConditions()
            .build());
    List<SlicePlan.Slice> plan = SlicePlan.plan(List.of(endpoints(0, 2), endpoints(2, 3)), wanted);
    assertThat(plan.get(0).endpoints()).isEqualTo(wanted.subList(0, 2));
    assertThat(plan.get(0).changed()).isTrue();
    assertThat(plan.get(1).changed()).isFalse();
  }

  @Test
  void emptiesWhatNobodyIsIn() {
    List<SlicePlan.Slice> plan = SlicePlan.plan(Arrays.asList(endpoints(0, 2)), List.of());
    assertThat(plan).hasSize(1).allMatch(slice -> slice.endpoints().isEmpty() && slice.changed());
  }

  private static List<Endpoint> endpoints(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i ->
            new EndpointBuilder()
                .withAddresses("10.0." + i / 256 + "." + i % 256)
                .withNewTargetRef()
                .withUid("uid-" + i)
                .endTargetRef()
                .build())
        .toList();
  }
}
