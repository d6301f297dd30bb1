package dev.coxswain.store.storm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A small disk in a mount namespace of its own, which a shell holds until its input ends: nothing
 * of it is left, however this process dies.
 */
final class SmallDisk implements AutoCloseable {
  private final Path at;
  private final Process holder;

  /** Mounts one over an empty directory, for processes begun with {@link #prefix}. */
  SmallDisk(Path at, String size) throws IOException {
    this.at = at;
    this.holder =
        new ProcessBuilder(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                "mount -t tmpfs -o mode=0700,size=" + size + " small " + at + "; echo up; cat")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (holder.inputReader().readLine() == null) {
      throw new IOException("no small disk at " + at);
    }
  }

  /** What a command is to be preceded by to see the disk. */
  List<String> prefix() {
    return List.of("nsenter", "--mount", "--target", Long.toString(holder.pid()));
  }

  /** Takes all the room there is, to the last page; also what came free since the last time. */
  void fill() {
    Shell.run(
        here(
            "dd if=/dev/zero of="
                + ballast()
                + " bs=4k oflag=append conv=notrunc 2> /dev/null || true"));
  }

  /** Takes all the room but so much. */
  void fillBut(int megabytes) {
    Shell.run(
        here(
            "free=$(df --output=avail -m "
                + at
                + " | tail -1);"
                + " dd if=/dev/zero of="
                + ballast()
                + " bs=1M count=$((free - "
                + megabytes
                + ")) 2> /dev/null"));
  }

  /** Gives it back. */
  void empty() {
    Shell.run(here("rm " + ballast()));
  }

  private String here(String command) {
    return String.join(" ", prefix()) + " sh -c '" + command + "'";
  }

  private Path ballast() {
    return at.resolve("ballast");
  }

  @Override
  public void close() {
    holder.destroyForcibly();
  }
}
