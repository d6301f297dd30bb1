package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port for peers can be taken in the moment in which a member starts. */
final class TakenPortTest {
  private static final int BACKLOG = 1;

  /** Nobody asks there: whoever is not alone waits so long before it stands. */
  private static final MemberUrl ELSEWHERE = MemberUrl.parse("http://127.0.0.1:2380", "test");

  private static final Duration NO_ELECTION = Duration.ofHours(1);

  @TempDir private Path directory;

  @Test
  void aNodeThatCannotListenSaysSoAndCanBeClosed() throws IOException {
    Thread.UncaughtExceptionHandler ours = Thread.getDefaultUncaughtExceptionHandler();
    try (ServerSocket other = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        StoreNode node = node(new MemberUrl(false, "127.0.0.1", other.getLocalPort()))) {
      assertThatThrownBy(node::start)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "--listen-peer-urls: cannot listen on http://127.0.0.1:" + other.getLocalPort())
          .hasMessageEndingWith("Address already in use");
    }
    assertThat(Thread.getDefaultUncaughtExceptionHandler()).isSameAs(ours);
  }

  private StoreNode node(MemberUrl peers) throws IOException {
    return new StoreNode(
        new NodeConfig(
            1,
            new UUID(1, 1),
            Map.of(1L, peers, 2L, ELSEWHERE, 3L, ELSEWHERE),
            List.of(),
            new DiskRoom(directory, 0),
            directory.resolve("log"),
            true,
            peers,
            Optional.empty(),
            AutoCompaction.Policy.parse("periodic", "0"),
            1000,
            NO_ELECTION),
        new ManualTime(),
        Runnable::run,
        new StoreNode.Halt() {
          @Override
          public void halt(String reason) {
            throw new AssertionError(reason);
          }

          @Override
          public void beginAnew(String reason) {
            throw new AssertionError(reason);
          }
        });
  }
}
