package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.ClusterGrpc;
import dev.coxswain.proto.etcd.MemberAddRequest;
import dev.coxswain.proto.etcd.MemberAddResponse;
import dev.coxswain.proto.etcd.MemberUpdateRequest;
import dev.coxswain.runtime.program.HeldPort;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is listed is what the newcomer looks for, or it would not find itself. */
final class MemberUrlsTest {
  private static final Duration ELECTION = Duration.ofMillis(700);
  private static final int PATIENCE_SECONDS = 60;
  private static final String BAD = "INVALID_ARGUMENT: etcdserver: given member URLs are invalid";

  @TempDir private Path directory;
  private final ManualTime time = new ManualTime();
  private HeldPort port;
  private StoreNode node;
  private LocalServer server;

  @BeforeEach
  void start() throws Exception {
    port = new HeldPort();
    Path data = Files.createDirectory(directory.resolve("data"));
    node =
        TestNodes.node(
            TestNodes.first(data, ELECTION, new MemberUrl(false, "127.0.0.1", port.number())),
            time);
    CountDownLatch leads = new CountDownLatch(1);
    node.onLead(leads::countDown);
    node.start();
    assertThat(leads.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    server = new LocalServer(List.of(), new ClusterService(node, new Stamp(1, node), 1, time));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    node.close();
    port.close();
  }

  @Test
  void aUrlWithAPathIsRefused() {
    assertThatThrownBy(() -> add("http://10.0.0.4:2380/")).hasMessage(BAD);
    assertThatThrownBy(() ->
            ClusterGrpc.newBlockingStub(server.channel())
                .memberUpdate(
                    MemberUpdateRequest.newBuilder()
                        .setID(1)
                        .addPeerURLs("http://10.0.0.4:2380/")
                        .build()))
        .hasMessage(BAD);
    assertThat(node.state().members().all()).isEmpty();
  }

  @Test
  void whatStandsAroundAUrlIsNoPartOfIt() {
    assertThat(add(" http://10.0.0.4:2380 ").getMember().getPeerURLsList())
        .containsExactly("http://10.0.0.4:2380");
  }

  private MemberAddResponse add(String url) {
    return ClusterGrpc.newBlockingStub(server.channel())
        .memberAdd(MemberAddRequest.newBuilder().addPeerURLs(url).setIsLearner(true).build());
  }
}
