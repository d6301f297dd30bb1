package dev.coxswain.store.etcd;

import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.SnapshotResponse;
import dev.coxswain.store.backup.LocalSnapshots;
import dev.coxswain.store.backup.SnapshotChecksum;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.raft.StoreNode;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends the state as a database file with a SHA-256 behind it. The file is written first, at the
 * disk's pace, and sent at the client's: a slow client holds up nobody but itself.
 */
final class SnapshotCalls {
  /** Snapshots written or sent at a time; each takes as much disk as the state is large. */
  private static final int MOST = 2;

  private static final int CHUNK_BYTES = 64 * 1024;

  private final StoreNode node;
  private final Stamp stamp;
  private final LocalSnapshots files;
  private final Executor workers;
  private final Semaphore places = new Semaphore(MOST);
  private final AtomicLong calls = new AtomicLong();

  SnapshotCalls(StoreNode node, Stamp stamp, LocalSnapshots files, Executor workers) {
    this.node = node;
    this.stamp = stamp;
    this.files = files;
    this.workers = workers;
  }

  void answer(StreamObserver<SnapshotResponse> observer) {
    if (!places.tryAcquire()) {
      observer.onError(Answers.status(StoreError.TOO_MANY_REQUESTS.exception()));
      return;
    }
    Turn turn = new Turn((ServerCallStreamObserver<SnapshotResponse>) observer);
    workers.execute(() -> {
      Path file = files.unfinished("sent-" + calls.incrementAndGet());
      try {
        try {
          long revision = node.writeSnapshot(file);
          send(file, revision, turn);
        } finally {
          Files.deleteIfExists(file);
        }
        turn.call.onCompleted();
      } catch (IOException | RuntimeException e) {
        if (!turn.call.isCancelled()) {
          turn.call.onError(Answers.status(e));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        turn.call.onError(Answers.status(StoreError.STOPPED.exception()));
      } finally {
        places.release();
      }
    });
  }

  private void send(Path file, long revision, Turn turn) throws IOException, InterruptedException {
    MessageDigest digest = SnapshotChecksum.digest();
    try (InputStream in = Files.newInputStream(file)) {
      long left = Files.size(file);
      while (left > 0) {
        byte[] chunk = in.readNBytes(CHUNK_BYTES);
        if (chunk.length == 0) {
          throw new IOException("the snapshot changed while it was being sent");
        }
        digest.update(chunk);
        left -= chunk.length;
        if (!turn.await()) {
          return;
        }
        turn.call.onNext(response(revision, chunk, left));
      }
    }
    if (turn.await()) {
      turn.call.onNext(response(revision, digest.digest(), 0));
    }
  }

  private SnapshotResponse response(long revision, byte[] bytes, long left) {
    return SnapshotResponse.newBuilder()
        .setHeader(stamp.header(revision))
        .setRemainingBytes(left)
        .setBlob(UnsafeByteOperations.unsafeWrap(bytes))
        .setVersion(EtcdServer.PROTOCOL_VERSION)
        .build();
  }

  /** Waits for the client to have room. */
  private static final class Turn {
    private final ServerCallStreamObserver<SnapshotResponse> call;

    Turn(ServerCallStreamObserver<SnapshotResponse> call) {
      this.call = call;
      call.setOnReadyHandler(this::wake);
      call.setOnCancelHandler(this::wake);
    }

    private synchronized void wake() {
      notifyAll();
    }

    /** True when there is room, false when the client has gone. */
    synchronized boolean await() throws InterruptedException {
      while (!call.isReady() && !call.isCancelled()) {
        wait();
      }
      return !call.isCancelled();
    }
  }
}
