package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Reasons;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps other cox commands out; the kernel gives it back when its holder dies. */
public final class CommandLock implements AutoCloseable {
  /**
   * Held from the look at which networks and ports are free until those that were chosen are in
   * use: two clusters that come up at the same instant would else choose the same ones.
   */
  public static final Path MACHINE = Path.of("/run/coxswain.lock");

  private final FileChannel channel;

  private CommandLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes a cluster's lock, or says that another command holds it. */
  public static CommandLock take(Path file) {
    return taking(
        file,
        () -> {
          throw new CoxException(
              "another cox command is changing this cluster; wait until it has ended");
        });
  }

  /** Waits until nobody else holds the lock; before that, where somebody does, says so. */
  public static CommandLock await(Path file, Runnable waiting) {
    return taking(file, waiting);
  }

  private static CommandLock taking(Path file, Runnable held) {
    try {
      FileChannel channel = open(file);
      try {
        if (channel.tryLock() == null) {
          held.run();
          channel.lock();
        }
        return new CommandLock(channel);
      } catch (IOException | RuntimeException notOurs) {
        channel.close();
        throw notOurs;
      }
    } catch (IOException failed) {
      throw new CoxException("cannot lock " + file + ": " + Reasons.of(failed), failed);
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
