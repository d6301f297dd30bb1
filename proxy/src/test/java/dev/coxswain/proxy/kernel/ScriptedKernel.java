package dev.coxswain.proxy.kernel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A kernel that remembers what it was told and answers as a test says. */
public final class ScriptedKernel implements Kernel {
  private final Function<Command, CommandResult> answers;
  private final List<Command> commands = new ArrayList<>();
  private boolean broken;
  private String missing = "";

  /** Answers with this function. */
  public ScriptedKernel(Function<Command, CommandResult> answers) {
    this.answers = answers;
  }

  /** Everything succeeds with this output. */
  public static ScriptedKernel answering(String output) {
    return new ScriptedKernel(command -> new CommandResult(0, output, ""));
  }

  @Override
  public CommandResult run(Command command) throws IOException {
    commands.add(command);
    if (broken) {
      throw new IOException("no kernel today");
    }
    if (command.words().getFirst().equals(missing)) {
      throw new IOException("Cannot run program \"" + missing + "\"");
    }
    return answers.apply(command);
  }

  /** From now on this program cannot be started; none for the empty string. */
  public void missing(String program) {
    missing = program;
  }

  /** From now on, or no longer, every command fails to start. */
  public void broken(boolean isBroken) {
    broken = isBroken;
  }

  /** The commands since the last call. */
  public List<Command> take() {
    List<Command> taken = List.copyOf(commands);
    commands.clear();
    return taken;
  }
}
