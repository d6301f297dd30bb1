package dev.coxswain.store.storm;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.storm.Fault.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Which faults, in which order, for how long. */
record Schedule(List<Step> steps) {
  private static final int SHORTEST_MILLIS = 1_000;
  private static final int LONGEST_MILLIS = 2_400;

  private static final int LEADER_KILLS = 20;

  /** One fault and how long it lasts. */
  record Step(Fault fault, Duration length) {}

  /** Every kind of fault once, in an order and for times that the seed chooses. */
  static Schedule everything(Randomness random) {
    List<Fault> faults =
        new ArrayList<>(
            List.of(
                new Fault.Kill(Role.LEADER),
                new Fault.Kill(Role.FOLLOWER),
                new Fault.KillAll(),
                new Fault.Stop(Role.LEADER),
                new Fault.Pause(Role.LEADER),
                new Fault.Pause(Role.FOLLOWER),
                new Fault.Isolate(Role.LEADER),
                new Fault.Isolate(Role.OTHER),
                new Fault.Scatter(),
                new Fault.CutLink(Role.LEADER, Role.FOLLOWER),
                new Fault.CutLink(Role.FOLLOWER, Role.OTHER),
                new Fault.OneWay(Role.LEADER, Role.OTHER),
                new Fault.OneWay(Role.OTHER, Role.LEADER),
                new Fault.HalfDeaf(Role.LEADER, true),
                new Fault.HalfDeaf(Role.LEADER, false),
                new Fault.HalfDeaf(Role.FOLLOWER, false),
                new Fault.FullDisk(),
                new Fault.FlipBit(Role.FOLLOWER, FlippedBit.In.LOG),
                new Fault.FlipBit(Role.LEADER, FlippedBit.In.SNAPSHOT),
                new Fault.MoveLeader()));
    List<Step> steps = new ArrayList<>();
    while (!faults.isEmpty()) {
      steps.add(step(faults.remove((int) random.below(faults.size())), random));
    }
    return new Schedule(steps);
  }

  /** One leader after the other. */
  static Schedule leaderKills(Randomness random) {
    return new Schedule(
        IntStream.range(0, LEADER_KILLS)
            .mapToObj(i -> step(new Fault.Kill(Role.LEADER), random))
            .toList());
  }

  private static Step step(Fault fault, Randomness random) {
    return new Step(
        fault, Duration.ofMillis(SHORTEST_MILLIS + random.below(LONGEST_MILLIS - SHORTEST_MILLIS)));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      text.append("%n  %5d ms %s".formatted(step.length().toMillis(), step.fault()));
    }
    return text.toString();
  }
}
