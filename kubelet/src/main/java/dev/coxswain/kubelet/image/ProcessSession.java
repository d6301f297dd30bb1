package dev.coxswain.kubelet.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program together with whatever it starts, which stays in its session even where the program
 * itself has ended and nobody knows any more whose child it was.
 */
final class ProcessSession {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessSession.class);
  private static final Path PROCESSES = Path.of("/proc");

  /** Of what follows a process' name in its {@code stat}. */
  private static final int STATE = 0;

  private static final int SESSION = 3;

  /** Whoever was being started during one look is there at the next. */
  private static final int LOOKS = 5;

  private ProcessSession() {}

  /** The words of a command that begins a session, whose number is its process' own. */
  static List<String> command(Path program, List<String> arguments) {
    List<String> words = new ArrayList<>(List.of("setsid", program.toString()));
    words.addAll(arguments);
    return words;
  }

  /** Kills all that is left of a session. */
  static void kill(long session) {
    for (int look = 0; look < LOOKS; look++) {
      List<ProcessHandle> left = members(session);
      if (left.isEmpty()) {
        return;
      }
      left.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static List<ProcessHandle> members(long session) {
    try (Stream<Path> all = Files.list(PROCESSES)) {
      return all.map(folder -> folder.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .filter(name -> isAliveIn(session, name))
          .flatMap(name -> ProcessHandle.of(Long.parseLong(name)).stream())
          .toList();
    } catch (IOException unreadable) {
      LOG.warn("Cannot see what a program has left behind: {}", unreadable.getMessage());
      return List.of();
    }
  }

  private static boolean isAliveIn(long session, String process) {
    try {
      String stat = Files.readString(PROCESSES.resolve(process).resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", SESSION + 2);
      return !fields[STATE].equals("Z") && fields[SESSION].equals(Long.toString(session));
    } catch (IOException gone) {
      return false;
    }
  }
}
