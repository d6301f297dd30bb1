package dev.coxswain.kubelet.shutdown;

import dev.coxswain.runtime.file.DurableFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where whoever asked for the shutdown reads how far it is: upstream's file, with {@code startTime}
 * from the beginning on and {@code endTime} once the node may go down.
 */
final class ShutdownFile {
  static final String NAME = "graceful_node_shutdown_state";
  private static final Logger LOG = LoggerFactory.getLogger(ShutdownFile.class);

  private final Path file;

  ShutdownFile(Path root) {
    this.file = root.resolve(NAME);
  }

  void started(Instant start) {
    write("{\"startTime\":\"%s\"}".formatted(start));
  }

  void ended(Instant start, Instant end) {
    write("{\"startTime\":\"%s\",\"endTime\":\"%s\"}".formatted(start, end));
  }

  /** Who waits for it must not wait because a disk is full: it has a limit of its own. */
  private void write(String state) {
    try {
      DurableFile.writePublic(file, state + "\n");
    } catch (IOException failure) {
      LOG.warn("{} is not written: {}", file, failure.toString());
    }
  }
}
