package dev.coxswain.deploy.host;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Why something with files failed; Java's own message for these is the file's name alone. */
public final class Reasons {
  private Reasons() {}

  public static String of(Exception failure) {
    return switch (failure) {
      case NoSuchFileException none -> none.getFile() + ": no such file or directory";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException there -> there.getFile() + " is there and no directory";
      default -> String.valueOf(failure.getMessage());
    };
  }
}
