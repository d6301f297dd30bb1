package dev.coxswain.store.storm;

import dev.coxswain.store.StoreCommand;
import picocli.CommandLine;

/** {@code cox store} without the rest of {@code cox}: what each member's process runs. */
final class StoreMain {
  private StoreMain() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StoreCommand()).execute(arguments));
  }
}
