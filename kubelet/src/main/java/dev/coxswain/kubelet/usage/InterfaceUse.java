package dev.coxswain.kubelet.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What went through a network interface since it was made. */
public record InterfaceUse(
    String name, long receivedBytes, long receiveErrors, long sentBytes, long sendErrors) {
  private static final int SENT = 8;

  /**
   * The interfaces that a process has, loopback apart; none if it is gone.
   *
   * @param proc {@code /proc}
   */
  static List<InterfaceUse> of(Path proc, long pid) {
    try {
      return parse(Files.readAllLines(proc.resolve(Long.toString(pid)).resolve("net/dev")));
    } catch (IOException gone) {
      return List.of();
    }
  }

  /** The kernel's table: two lines of heading, then a name, eight received and eight sent. */
  static List<InterfaceUse> parse(List<String> table) {
    return table.stream()
        .skip(2)
        .map(line -> line.split(":", 2))
        .filter(parts -> parts.length == 2 && !parts[0].strip().equals("lo"))
        .map(parts -> {
          String[] counts = parts[1].strip().split("\\s+", -1);
          return new InterfaceUse(
              parts[0].strip(),
              Long.parseLong(counts[0]),
              Long.parseLong(counts[2]),
              Long.parseLong(counts[SENT]),
              Long.parseLong(counts[SENT + 2]));
        })
        .toList();
  }
}
