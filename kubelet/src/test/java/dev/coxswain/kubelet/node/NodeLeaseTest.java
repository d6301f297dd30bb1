package dev.coxswain.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class NodeLeaseTest {
  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(0));

  @Test
  void itIsRenewedAlsoAfterABug() {
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger renewed = new AtomicInteger();
    NodeLease lease =
        new NodeLease(
            "n1",
            api,
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("a bug");
              }
              return Optional.empty();
            },
            renewed::incrementAndGet,
            time,
            Randomness.seeded(0));
    lease.start();
    Awaitility.await()
        .until(() -> {
          time.advanceToNext();
          return renewed.get() == 2;
        });
    assertThat(api.resource(Lease.class).find(new ObjectKey("kube-node-lease", "n1"))).isPresent();
    lease.stop();
  }
}
