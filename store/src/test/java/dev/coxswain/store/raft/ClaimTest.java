package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.machine.Members;
import org.junit.jupiter.api.Test;

final class ClaimTest {
  private static final long ID = 7;

  @Test
  void aFounderThatNobodyHasWrittenDownYetWasNotRemoved() {
    assertThat(Claim.of(ID, new Members(), true)).isEqualTo(Claim.TAKES_PART);
    assertThat(Claim.of(ID, new Members(), false)).isEqualTo(Claim.UNKNOWN);
  }

  @Test
  void whoWasAddedIsAwaitedUntilItTakesPart() {
    Members members = new Members();
    members.set(Member.newBuilder().setID(ID).build());
    assertThat(Claim.of(ID, members, false)).isEqualTo(Claim.AWAITED);
    assertThat(Claim.of(ID, members, true)).isEqualTo(Claim.TAKES_PART);
  }

  @Test
  void whoWasRemovedHearsItAlsoWhileItStillTakesPart() {
    Members members = new Members();
    members.markRemoved(ID);
    assertThat(Claim.of(ID, members, true)).isEqualTo(Claim.REMOVED);
    assertThat(Claim.of(ID, members, false)).isEqualTo(Claim.REMOVED);
  }
}
