package dev.coxswain.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * What every bench is as a program: a command whose options' defaults are what its fields begin
 * with, and are shown by {@code --help}.
 */
@Command(mixinStandardHelpOptions = true, showDefaultValues = true)
public abstract class Bench implements Callable<Integer> {
  /** Runs a bench to its end, and the process with it. */
  protected static void run(Bench bench, String[] arguments) {
    System.exit(
        new CommandLine(bench).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
  }
}
