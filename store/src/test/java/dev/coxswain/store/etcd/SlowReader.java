package dev.coxswain.store.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A call whose client reads one answer, or hangs up, when the test says so. */
final class SlowReader<A> extends ServerCallStreamObserver<A> {
  private final List<A> read = new CopyOnWriteArrayList<>();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicInteger requested = new AtomicInteger();
  private volatile boolean ready;
  private volatile boolean cancelled;
  private Runnable onReady = () -> {};
  private Runnable onCancel = () -> {};

  void reads() {
    ready = true;
    onReady.run();
  }

  void hangsUp() {
    cancelled = true;
    onCancel.run();
  }

  /** What it was answered. */
  List<A> read() {
    return read;
  }

  /** Whether somebody has asked if there is room. */
  CountDownLatch asked() {
    return asked;
  }

  /** How many requests were taken, or would be. */
  int requested() {
    return requested.get();
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    onCancel = handler;
  }

  @Override
  public void setOnCloseHandler(Runnable handler) {}

  @Override
  public void setOnReadyThreshold(int bytes) {}

  @Override
  public boolean isReady() {
    asked.countDown();
    return ready;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    onReady = handler;
  }

  @Override
  public void onNext(A answer) {
    ready = false;
    read.add(answer);
  }

  @Override
  public void setCompression(String compression) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void disableAutoRequest() {}

  @Override
  public void request(int count) {
    requested.addAndGet(count);
  }

  @Override
  public void setMessageCompression(boolean enable) {}

  @Override
  public void onError(Throwable failure) {}

  @Override
  public void onCompleted() {}
}
