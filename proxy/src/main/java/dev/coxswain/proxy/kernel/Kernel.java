package dev.coxswain.proxy.kernel;

import java.io.IOException;

/** Runs commands against the network namespace that this process serves. */
public interface Kernel {

  /**
   * Runs the command to its end; a non-zero exit is a result, not a failure.
   *
   * @throws IOException when it could not be started or passed its deadline
   */
  CommandResult run(Command command) throws IOException, InterruptedException;

  /**
   * Runs a command that has to succeed and returns its output.
   *
   * @throws IOException also when it exited with another code than 0; the message holds what it
   *     said
   */
  default String require(Command command) throws IOException, InterruptedException {
    CommandResult result = run(command);
    if (!result.succeeded()) {
      throw new IOException(
          "`" + command + "` exited with " + result.exitCode() + ": " + result.errors().strip());
    }
    return result.output();
  }
}
