package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WhereaboutsTest {
  private static final long ONE = 0x1a;
  private static final long TWO = 0x2b;

  @TempDir private Path directory;
  private final PeerNames names = new PeerNames();
  private final Members members = new Members();

  private Path file() {
    return directory.resolve("addresses");
  }

  private void put(long id, int port) {
    members.set(Member.newBuilder().setID(id).addPeerURLs("https://10.0.0.1:" + port).build());
  }

  private static String name(long id, int port) {
    return PeerName.of(id, MemberUrl.parse("https://10.0.0.1:" + port, "test")).toString();
  }

  @Test
  void whoHasNotMovedIsWhereTheNameSaysAndNothingIsWritten() throws IOException {
    put(ONE, 1);
    Whereabouts.read(file(), names).follow(members, 5);
    assertThat(names.authorities(name(ONE, 1))).containsExactly("10.0.0.1:1");
    assertThat(names.authorities(name(TWO, 2))).containsExactly("10.0.0.1:2");
    assertThat(names.authorities("10.0.0.1:3")).containsExactly("10.0.0.1:3");
    assertThat(file()).doesNotExist();
  }

  @Test
  void whoMovesIsTriedAtTheNewPlaceThenAtTheLastOne() throws IOException {
    put(ONE, 1);
    Whereabouts whereabouts = Whereabouts.read(file(), names);
    whereabouts.follow(members, 5);
    put(ONE, 10);
    whereabouts.follow(members, 6);
    assertThat(names.authorities(name(ONE, 1))).containsExactly("10.0.0.1:10", "10.0.0.1:1");
    put(ONE, 20);
    whereabouts.follow(members, 7);
    assertThat(names.authorities(name(ONE, 1))).containsExactly("10.0.0.1:20", "10.0.0.1:10");
  }

  @Test
  void whereAnotherIsNowNobodyElseIsTried() throws IOException {
    put(ONE, 1);
    Whereabouts whereabouts = Whereabouts.read(file(), names);
    whereabouts.follow(members, 5);
    put(ONE, 10);
    whereabouts.follow(members, 6);
    put(TWO, 1);
    whereabouts.follow(members, 7);
    assertThat(names.authorities(name(ONE, 1))).containsExactly("10.0.0.1:10");
    assertThat(names.authorities(name(TWO, 1))).containsExactly("10.0.0.1:1");
  }

  @Test
  void aMoveIsKnownAfterARestartHoweverOldTheSnapshot() throws IOException {
    put(ONE, 1);
    Whereabouts before = Whereabouts.read(file(), names);
    before.follow(members, 5);
    put(ONE, 10);
    before.follow(members, 6);

    PeerNames anew = new PeerNames();
    Whereabouts after = Whereabouts.read(file(), anew);
    assertThat(anew.authorities(name(ONE, 1))).containsExactly("10.0.0.1:10", "10.0.0.1:1");
    put(ONE, 1);
    after.follow(members, 4);
    assertThat(anew.authorities(name(ONE, 1))).containsExactly("10.0.0.1:10", "10.0.0.1:1");
    put(ONE, 30);
    after.follow(members, 8);
    assertThat(anew.authorities(name(ONE, 1))).containsExactly("10.0.0.1:30", "10.0.0.1:10");
  }

  @Test
  void aDamagedFileIsAsGoodAsNone() throws IOException {
    Files.writeString(file(), "index=6\n1a=10.0.0.1\u0001\n");
    Whereabouts whereabouts = Whereabouts.read(file(), names);
    assertThat(names.authorities(name(ONE, 1))).containsExactly("10.0.0.1:1");
    put(ONE, 1);
    whereabouts.follow(members, 5);
    put(ONE, 10);
    whereabouts.follow(members, 6);
    assertThat(names.authorities(name(ONE, 1))).containsExactly("10.0.0.1:10", "10.0.0.1:1");
  }
}
