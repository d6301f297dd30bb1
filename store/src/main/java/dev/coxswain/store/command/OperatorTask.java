package dev.coxswain.store.command;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that does one thing and ends: 0 when it is done, 1 and one plain line when not. */
abstract class OperatorTask implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec command = CommandSpec.create();

  /** Does it and returns the exit code. */
  abstract int run() throws IOException;

  @Override
  public final Integer call() {
    try {
      return run();
    } catch (IOException | IllegalArgumentException e) {
      command.commandLine().getErr().println("Error: " + reason(e));
      return FAILED;
    }
  }

  // Java's message for these is the file's name alone.
  private static String reason(Exception failure) {
    return switch (failure) {
      case NoSuchFileException none -> none.getFile() + ": no such file or directory";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException there -> there.getFile() + ": is there already";
      default -> String.valueOf(failure.getMessage());
    };
  }

  final void say(String line) {
    command.commandLine().getOut().println(line);
  }
}
