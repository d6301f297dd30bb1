package dev.coxswain.store.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Who made a call that may take long: it is answered, or it hangs up before. */
final class Caller<R> {
  private final ServerCallStreamObserver<R> call;

  // Both guarded by this.
  private final Set<Runnable> listeners = new LinkedHashSet<>();
  private boolean gone;

  /** Made before the call's service method returns: later nobody may listen to it. */
  Caller(ServerCallStreamObserver<R> call) {
    this.call = call;
    call.setOnReadyHandler(this::wake);
    call.setOnCancelHandler(this::hangUp);
  }

  private synchronized void wake() {
    notifyAll();
  }

  private void hangUp() {
    List<Runnable> told;
    synchronized (this) {
      gone = true;
      told = new ArrayList<>(listeners);
      listeners.clear();
      notifyAll();
    }
    told.forEach(Runnable::run);
  }

  /** Whether it has hung up. */
  synchronized boolean isGone() {
    return gone;
  }

  /** Runs something when it hangs up, now if it has; unless that is forgotten before. */
  void whenGone(Runnable listener) {
    synchronized (this) {
      if (!gone) {
        listeners.add(listener);
        return;
      }
    }
    listener.run();
  }

  /** Nobody wants to know any more: a call may outlive many who do. */
  synchronized void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /** How many wait for it to hang up. */
  synchronized int listeners() {
    return listeners.size();
  }

  /** Gives the answer, of which there is only one. */
  void answer(R answer) {
    call.onNext(answer);
  }

  /**
   * Gives one of many answers, once it has read of those before: it may read slower than there is
   * something to tell.
   */
  void tell(R answer) {
    if (awaitRoom()) {
      call.onNext(answer);
    }
  }

  private synchronized boolean awaitRoom() {
    try {
      while (!gone && !call.isCancelled() && !call.isReady()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !gone && !call.isCancelled();
  }
}
