package dev.coxswain.deploy;

import dev.coxswain.deploy.cluster.Daemon;
import dev.coxswain.deploy.command.CoxCommand;
import dev.coxswain.deploy.host.CoxException;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine;

/**
 * The entry point of every process: {@code cox <daemon> …} becomes that daemon, anything else is a
 * command about the cluster on this machine.
 */
public final class Cox {
  private static final int FAILED = 1;

  private Cox() {}

  public static void main(String[] arguments) {
    Optional<Daemon> daemon = arguments.length == 0 ? Optional.empty() : Daemon.named(arguments[0]);
    int exit =
        daemon.isPresent()
            ? runDaemon(daemon.get(), Arrays.copyOfRange(arguments, 1, arguments.length))
            : new CommandLine(new CoxCommand())
                .setExecutionExceptionHandler((failure, command, result) -> explain(failure))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
    System.exit(exit);
  }

  private static int runDaemon(Daemon daemon, String[] arguments) {
    Object command;
    try {
      command = Class.forName(daemon.commandClass()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException missing) {
      System.err.println(
          "cox: " + daemon.processName() + " is not on the class path; start it by ./cox");
      return FAILED;
    }
    return new CommandLine(command)
        .setCommandName("cox " + daemon.processName())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(arguments);
  }

  private static int explain(Exception failure) throws Exception {
    if (failure instanceof CoxException known) {
      System.err.println("cox: " + known.getMessage());
      return FAILED;
    }
    throw failure;
  }
}
