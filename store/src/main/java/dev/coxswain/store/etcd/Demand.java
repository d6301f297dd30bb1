package dev.coxswain.store.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has a stream's next request taken once there is room for what answers it: a client that asks and
 * does not read is left to wait, and not what it would have been told.
 */
final class Demand {
  private final ServerCallStreamObserver<?> call;
  private final AtomicBoolean owed = new AtomicBoolean();

  Demand(ServerCallStreamObserver<?> call) {
    this.call = call;
  }

  /** The request before was taken, and is answered. */
  void next() {
    // Before the look: whoever makes room meanwhile finds that there is something to do.
    owed.set(true);
    if (call.isReady()) {
      roomCame();
    }
  }

  /** The call takes more than it did; for its handler. */
  void roomCame() {
    if (owed.compareAndSet(true, false)) {
      call.request(1);
    }
  }
}
