package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One changing command at a time. */
public final class HomeLock implements AutoCloseable {
  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock, or says that another command holds it. */
  public static HomeLock take(Path file) {
    try {
      FileChannel channel = open(file);
      if (channel.tryLock() == null) {
        channel.close();
        throw new CoxException(
            "another cox command is changing this cluster; wait until it has ended");
      }
      return new HomeLock(channel);
    } catch (IOException failed) {
      throw new CoxException("cannot lock " + file + ": " + failed.getMessage(), failed);
    }
  }

  /** Says that the lock was needed until here. */
  public void keep() {
    if (!channel.isOpen()) {
      throw new IllegalStateException("the lock was lost");
    }
  }

  private static FileChannel open(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException failed) {
      throw new CoxException("cannot unlock: " + failed.getMessage(), failed);
    }
  }
}
