package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseGrantResponse;
import dev.coxswain.proto.etcd.LeaseGrpc;
import dev.coxswain.proto.etcd.LeaseKeepAliveRequest;
import dev.coxswain.proto.etcd.LeaseKeepAliveResponse;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.history.Change;
import dev.coxswain.store.history.Request;
import dev.coxswain.store.history.Tenure;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Takes a lease, hangs keys on it, keeps it alive for a while, lets go of it; again and again. */
final class LeaseHolder implements Runnable {
  static final int LONGEST_SECONDS = 4;
  private static final int SHORTEST_SECONDS = 2;
  private static final int MOST_RENEWALS = 6;
  private static final int CALL_SECONDS = 2;

  private final int number;
  private final Client client;
  private final Time time;
  private final Randomness random;
  private final Collection<Tenure> record;
  private final BooleanSupplier stopped;
  private int serial;

  LeaseHolder(
      int number,
      Client client,
      Time time,
      Randomness random,
      Collection<Tenure> record,
      BooleanSupplier stopped) {
    this.number = number;
    this.client = client;
    this.time = time;
    this.random = random;
    this.record = record;
    this.stopped = stopped;
  }

  @Override
  public void run() {
    try {
      while (!stopped.getAsBoolean()) {
        try {
          tenure();
        } catch (StatusRuntimeException e) {
          client.use((int) random.below(Fleet.SIZE));
          time.sleep(Duration.ofMillis(100));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private LeaseGrpc.LeaseBlockingStub stub() {
    return LeaseGrpc.newBlockingStub(client.channel())
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private void tenure() throws InterruptedException {
    long seconds = SHORTEST_SECONDS + random.below(LONGEST_SECONDS - SHORTEST_SECONDS + 1);
    long asked = time.nanos();
    LeaseGrantResponse granted =
        stub().leaseGrant(LeaseGrantRequest.newBuilder().setTTL(seconds).build());
    long lease = granted.getID();
    List<Long> confirmed = new ArrayList<>(List.of(asked));
    for (int i = 0; i < 2; i++) {
      String key = "lease/" + number + "/" + i;
      client.call(
          new Request.Write(
              List.of(), List.of(new Change.Put(key, number + "-" + serial++, lease))));
    }
    boolean gone = false;
    for (long left = random.below(MOST_RENEWALS); left > 0 && !gone; left--) {
      time.sleep(Duration.ofSeconds(seconds).dividedBy(3));
      long renewing = time.nanos();
      switch (renew(lease)) {
        case YES -> confirmed.add(renewing);
        case NO -> gone = true;
        case UNKNOWN -> client.use((int) random.below(Fleet.SIZE));
      }
    }
    boolean revoke = !gone && random.chance(0.2);
    record.add(
        new Tenure(
            lease, TimeUnit.SECONDS.toNanos(granted.getTTL()), List.copyOf(confirmed), revoke));
    if (revoke) {
      var _ = stub().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
    } else if (!gone && random.chance(0.5)) {
      // The next tenure writes the same keys; sometimes only after this one is over.
      time.sleep(Duration.ofSeconds(seconds));
    }
  }

  private enum Renewed {
    YES,
    NO,
    UNKNOWN
  }

  private Renewed renew(long lease) throws InterruptedException {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    StreamObserver<LeaseKeepAliveRequest> requests =
        LeaseGrpc.newStub(client.channel())
            .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
            .leaseKeepAlive(
                new StreamObserver<>() {
                  @Override
                  public void onNext(LeaseKeepAliveResponse response) {
                    answer.complete(response.getTTL());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new IllegalStateException("no answer"));
                  }
                });
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
    try {
      return answer.get(CALL_SECONDS, TimeUnit.SECONDS) > 0 ? Renewed.YES : Renewed.NO;
    } catch (ExecutionException | TimeoutException e) {
      return Renewed.UNKNOWN;
    } finally {
      requests.onCompleted();
    }
  }
}
