package dev.coxswain.kubelet.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What went through a network interface since it was made. */
public record InterfaceUse(String name, Direction received, Direction sent) {
  private static final int SENT = 8;

  /** What went one way, and what did not get through. */
  public record Direction(long bytes, long packets, long errors, long dropped) {
    private static Direction at(String[] counts, int first) {
      return new Direction(
          Long.parseLong(counts[first]),
          Long.parseLong(counts[first + 1]),
          Long.parseLong(counts[first + 2]),
          Long.parseLong(counts[first + 3]));
    }
  }

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
              parts[0].strip(), Direction.at(counts, 0), Direction.at(counts, SENT));
        })
        .toList();
  }
}
