package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.DowngradeRequest;
import dev.coxswain.proto.etcd.DowngradeRequest.DowngradeAction;
import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.backup.LocalSnapshots;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** There is no version to go back to, and clients hear it as an etcd of the newest would say it. */
final class DowngradeTest {
  private static final String NO_TARGET =
      "INVALID_ARGUMENT: etcdserver: invalid downgrade target version";
  private static final String NO_VERSION =
      "INVALID_ARGUMENT: etcdserver: wrong downgrade target version format";

  @TempDir private Path directory;
  private StoreNode node;
  private LocalServer server;

  @BeforeEach
  void start() throws Exception {
    node =
        TestNodes.node(
            TestNodes.first(directory, Duration.ofMillis(700), TestNodes.ANYWHERE),
            new ManualTime());
    Stamp stamp = new Stamp(1, node);
    server =
        new LocalServer(
            List.of(),
            new MaintenanceService(
                node,
                stamp,
                new Quota(node, 0),
                Runnable::run,
                new SnapshotCalls(node, stamp, new LocalSnapshots(directory), Runnable::run)));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    node.close();
  }

  private void refused(DowngradeRequest.Builder request, String message) {
    assertThatThrownBy(
            () -> MaintenanceGrpc.newBlockingStub(server.channel()).downgrade(request.build()))
        .hasMessage(message);
  }

  private static DowngradeRequest.Builder to(DowngradeAction action, String version) {
    return DowngradeRequest.newBuilder().setAction(action).setVersion(version);
  }

  @Test
  void noVersionIsOneToGoBackTo() {
    refused(to(DowngradeAction.VALIDATE, "3.4.0"), NO_TARGET);
    refused(to(DowngradeAction.ENABLE, "3.4"), NO_TARGET);
    refused(to(DowngradeAction.VALIDATE, "3.5.0-rc.1+build.7"), NO_TARGET);
  }

  @Test
  void whatIsNoVersionIsCalledThat() {
    refused(to(DowngradeAction.VALIDATE, ""), NO_VERSION);
    refused(to(DowngradeAction.ENABLE, "3"), NO_VERSION);
    refused(to(DowngradeAction.ENABLE, "v3.4.0"), NO_VERSION);
    refused(to(DowngradeAction.ENABLE, "3.4-rc"), NO_VERSION);
    refused(to(DowngradeAction.VALIDATE, "3.4.0.0"), NO_VERSION);
    refused(to(DowngradeAction.VALIDATE, "3.4.0-" + "a.".repeat(100_000) + "!"), NO_VERSION);
  }

  @Test
  void thereIsNoneToCallOff() {
    refused(
        to(DowngradeAction.CANCEL, "nonsense"),
        "FAILED_PRECONDITION: etcdserver: no inflight downgrade job");
    refused(DowngradeRequest.newBuilder().setActionValue(9), "UNKNOWN: etcdserver: unknown method");
  }
}
