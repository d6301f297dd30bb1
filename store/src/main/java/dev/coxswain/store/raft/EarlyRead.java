package dev.coxswain.store.raft;

import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.snapshot.SnapshotFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest snapshot from the moment a member is built, beside the check of its log and all
 * that Ratis needs before it asks for a state.
 */
final class EarlyRead {
  private @Nullable Path file;
  private CompletableFuture<StoreState> state = new CompletableFuture<>();

  /** Begins with what lies in a directory, if it is there and holds any. */
  EarlyRead(Path directory) throws IOException {
    this.file = Survivor.newestSnapshot(directory);
    Path found = file;
    if (found != null) {
      CompletableFuture<StoreState> reading = state;
      Thread.ofPlatform()
          .name("snapshot-load")
          .daemon()
          .start(() -> {
            try {
              reading.complete(SnapshotFile.read(found));
            } catch (IOException | RuntimeException e) {
              reading.completeExceptionally(e);
            }
          });
    }
  }

  /** The state in a file, once; it is kept no longer. */
  StoreState take(Path wanted) throws IOException {
    CompletableFuture<StoreState> reading = state;
    boolean same = wanted.equals(file);
    file = null;
    state = new CompletableFuture<>();
    if (!same) {
      return SnapshotFile.read(wanted);
    }
    try {
      return reading.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e);
    }
  }
}
