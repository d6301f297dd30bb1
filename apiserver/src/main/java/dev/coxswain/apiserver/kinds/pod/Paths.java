package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;

/** What is wrong with paths of files. */
final class Paths {
  private Paths() {}

  static boolean hasBackSteps(String path) {
    return List.of(path.split("/", -1)).contains("..");
  }

  /** A path no part of which leads upwards. */
  static void noBackSteps(String path, String at, List<FieldError> errors) {
    if (hasBackSteps(path)) {
      errors.add(FieldError.invalid(at, path, "must not contain '..'"));
    }
  }

  /** A path that begins at the root; one that is empty does not. */
  static void absolute(String path, String at, List<FieldError> errors) {
    if (!path.startsWith("/")) {
      errors.add(FieldError.invalid(at, path, "must be an absolute path"));
    }
  }

  /** A path that stays below where it is put. */
  static void descending(String path, String at, List<FieldError> errors) {
    if (path.startsWith("/")) {
      errors.add(FieldError.invalid(at, path, "must be a relative path"));
    }
    noBackSteps(path, at, errors);
  }

  /** A path below, whose first name is none of those that kubelets keep for themselves. */
  static void unreserved(String path, String at, List<FieldError> errors) {
    descending(path, at, errors);
    if (path.startsWith("..") && !path.equals("..") && !path.startsWith("../")) {
      errors.add(FieldError.invalid(at, path, "must not start with '..'"));
    }
  }
}
