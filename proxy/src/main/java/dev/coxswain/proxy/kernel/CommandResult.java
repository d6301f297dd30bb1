package dev.coxswain.proxy.kernel;

/**
 * How a command ended.
 *
 * @param exitCode 0 for success
 * @param output standard output
 * @param errors standard error
 */
public record CommandResult(int exitCode, String output, String errors) {
  /** Whether it exited with 0. */
  public boolean succeeded() {
    return exitCode == 0;
  }
}
