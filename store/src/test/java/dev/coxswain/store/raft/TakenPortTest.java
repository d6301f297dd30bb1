package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port for peers can be taken in the moment in which a member starts. */
final class TakenPortTest {
  private static final int BACKLOG = 1;

  /** Nobody asks the others: whoever is not alone waits so long before it stands. */
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

  private StoreNode node(MemberUrl own) throws IOException {
    return TestNodes.node(
        TestNodes.first(directory, NO_ELECTION, own, TestNodes.ANYWHERE, TestNodes.ANYWHERE),
        new ManualTime());
  }
}
