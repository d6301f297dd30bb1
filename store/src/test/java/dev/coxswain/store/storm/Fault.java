package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.MoveLeaderRequest;
import io.grpc.StatusRuntimeException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Something that is done to a fleet, and undone after a while. */
sealed interface Fault {
  /** How long the clients may need to write what makes the first file of a kind. */
  Duration FIRST_FILE = Duration.ofMinutes(2);

  /** Who it befalls: told by the role at that moment. */
  enum Role {
    LEADER(0),
    /** The follower after the leader, in the order of members. */
    FOLLOWER(1),
    /** The other one. */
    OTHER(2);

    private final int distance;

    Role(int distance) {
      this.distance = distance;
    }

    int of(int leader) {
      return (leader + distance) % Fleet.SIZE;
    }
  }

  /** {@code kill -9}; started again when it is lifted. */
  record Kill(Role whom) implements Fault {}

  /** {@code kill -9} for all three at once. */
  record KillAll() implements Fault {}

  /** Asked to stop, as by its init system; started again when it is lifted. */
  record Stop(Role whom) implements Fault {}

  /** SIGSTOP, and SIGCONT when it is lifted. */
  record Pause(Role whom) implements Fault {}

  /** Cut off from both others. */
  record Isolate(Role whom) implements Fault {}

  /** All three apart. */
  record Scatter() implements Fault {}

  /** Two members do not reach each other; the third reaches both. */
  record CutLink(Role one, Role other) implements Fault {}

  /** What one sends does not arrive at the other; the other way it does. */
  record OneWay(Role from, Role to) implements Fault {}

  /** Hears nobody, and is heard by all; or the other way about. */
  record HalfDeaf(Role whom, boolean mute) implements Fault {}

  /** A disk without room; the member on it must live through it. */
  record FullDisk() implements Fault {}

  /** Killed, and a bit of what it has on disk flipped; started again when it is lifted. */
  record FlipBit(Role whom, FlippedBit.In where) implements Fault {}

  /** Leadership is handed over by an operator. */
  record MoveLeader() implements Fault {}

  /** Does it, to a fleet with this leader. */
  default void strike(Fleet fleet, int leader) {
    Network network = fleet.network();
    switch (this) {
      case Kill(Role whom) -> fleet.member(whom.of(leader)).kill();
      case KillAll() -> {
        for (int member = 0; member < Fleet.SIZE; member++) {
          fleet.member(member).kill();
        }
      }
      case Stop(Role whom) -> fleet.member(whom.of(leader)).stop();
      case Pause(Role whom) -> fleet.member(whom.of(leader)).pause();
      case Isolate(Role whom) -> {
        for (int member = 0; member < Fleet.SIZE; member++) {
          if (member != whom.of(leader)) {
            network.cut(whom.of(leader), member);
            network.cut(member, whom.of(leader));
          }
        }
      }
      case Scatter() -> {
        for (int from = 0; from < Fleet.SIZE; from++) {
          network.cut(from, (from + 1) % Fleet.SIZE);
          network.cut((from + 1) % Fleet.SIZE, from);
        }
      }
      case CutLink(Role one, Role other) -> {
        network.cut(one.of(leader), other.of(leader));
        network.cut(other.of(leader), one.of(leader));
      }
      case OneWay(Role from, Role to) -> network.cut(from.of(leader), to.of(leader));
      case HalfDeaf(Role whom, boolean mute) -> {
        for (int member = 0; member < Fleet.SIZE; member++) {
          if (member != whom.of(leader)) {
            network.cut(mute ? whom.of(leader) : member, mute ? member : whom.of(leader));
          }
        }
      }
      case FullDisk() -> fleet.fillSmallDisk();
      case FlipBit(Role whom, FlippedBit.In where) -> {
        Path data = fleet.data(whom.of(leader));
        // The first snapshot comes with the clients' writes; on a busy machine those are few.
        Awaitility.await(where + " of member " + whom.of(leader))
            .atMost(FIRST_FILE)
            .ignoreExceptionsInstanceOf(UncheckedIOException.class)
            .until(() -> FlippedBit.newest(data, where).isPresent());
        fleet.member(whom.of(leader)).kill();
        FlippedBit.flip(data, where);
      }
      case MoveLeader() -> moveLeader(fleet, leader);
    }
  }

  private static void moveLeader(Fleet fleet, int leader) {
    try {
      var _ =
          MaintenanceGrpc.newBlockingStub(fleet.channel(leader))
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .moveLeader(
                  MoveLeaderRequest.newBuilder()
                      .setTargetID(fleet.identity((leader + 1) % Fleet.SIZE))
                      .build());
    } catch (StatusRuntimeException e) {
      // It is not the leader any more: then it has moved already.
    }
  }

  /** Undoes whatever was done. */
  static void lift(Fleet fleet) {
    for (int member = 0; member < Fleet.SIZE; member++) {
      fleet.member(member).resume();
    }
    fleet.network().heal();
    fleet.emptySmallDisk();
    fleet.startAll();
  }
}
