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
    this.file = Survivor.newestSnapshot(plain(directory));
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

  // The member's directory may be given as it is seen from where the process runs; Ratis' is not.
  private static Path plain(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** Whether this file is the one that is being read. */
  boolean holds(Path wanted) {
    return plain(wanted).equals(file);
  }

  /** The state in a file, once; it is kept no longer. */
  StoreState take(Path wanted) throws IOException {
    CompletableFuture<StoreState> reading = state;
    boolean same = holds(wanted);
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
