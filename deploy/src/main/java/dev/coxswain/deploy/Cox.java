package dev.coxswain.deploy;

import dev.coxswain.deploy.cluster.Daemon;
import dev.coxswain.deploy.command.CoxCommand;
import dev.coxswain.deploy.host.CoxException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * The entry point of every process: {@code cox <daemon> …} becomes that daemon, anything else is a
 * command about the cluster on this machine.
 */
public final class Cox {
  private static final int FAILED = 1;

  private Cox() {}

  public static void main(String[] typed) {
    String[] arguments = withHelpAsOption(typed);
    Optional<Daemon> daemon = Daemon.named(arguments[0]);
    int exit =
        daemon.isPresent()
            ? runDaemon(daemon.get(), Arrays.copyOfRange(arguments, 1, arguments.length))
            : dressed(new CommandLine(new CoxCommand()))
                .setExecutionExceptionHandler((failure, command, result) -> explain(failure))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
    System.exit(exit);
  }

  /** {@code cox help up} means {@code cox up --help}, and nothing at all asks for help too. */
  private static String[] withHelpAsOption(String[] typed) {
    if (typed.length > 0 && !typed[0].equals("help")) {
      return typed;
    }
    return Stream.concat(Arrays.stream(typed).skip(1), Stream.of("--help")).toArray(String[]::new);
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
    return dressed(new CommandLine(command))
        .setCommandName("cox " + daemon.processName())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(arguments);
  }

  /**
   * What {@code --version} says, of every command the same: they are built together; what kinds of
   * values {@code --help} shows; and that of a flag given twice the last one counts, as everywhere
   * in Kubernetes, so that a unit or script may add to what is there.
   */
  static CommandLine dressed(CommandLine command) {
    ValueLabels.show(command.getCommandSpec());
    command.setOverwrittenOptionsAllowed(true);
    // It would say so on standard error, values included.
    CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    String version = Cox.class.getPackage().getImplementationVersion();
    command
        .getCommandSpec()
        .version(
            "Coxswain " + (version == null ? "(not packaged)" : version),
            "Compared with Kubernetes 1.34; runs on Java " + Runtime.version().feature() + ".");
    return command;
  }

  private static int explain(Exception failure) throws Exception {
    if (failure instanceof CoxException known) {
      System.err.println("cox: " + known.getMessage());
      return FAILED;
    }
    throw failure;
  }
}
