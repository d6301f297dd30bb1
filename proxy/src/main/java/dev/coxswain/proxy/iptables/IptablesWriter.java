package dev.coxswain.proxy.iptables;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.Kernel;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Brings a rule book's text to the kernel. One owner thread. */
public final class IptablesWriter {
  /** A full write of 10,000 services takes half a minute with the nft backend. */
  private static final Duration RESTORE_DEADLINE = Duration.ofMinutes(2);

  /** How long iptables itself waits for another program that holds the rules' lock. */
  private static final String LOCK_SECONDS = "5";

  private final Kernel kernel;
  private final RuleBook book;

  /** After a failure nothing is known about the kernel's rules; neither is at the start. */
  private boolean trusted;

  /** Writes this book. */
  public IptablesWriter(Kernel kernel, RuleBook book) {
    this.kernel = kernel;
    this.book = book;
  }

  /**
   * Writes what changed since the last call; everything at first and after a failure. Rules that a
   * former process left are replaced in place: no packet meets a moment without rules.
   *
   * @return how many bytes of rules were written
   */
  public int write() throws IOException, InterruptedException {
    String text = trusted ? book.changes() : book.everything(saved());
    trusted = false;
    if (!text.isEmpty()) {
      kernel.require(
          new Command(
              List.of("iptables-restore", "-w", LOCK_SECONDS, "--noflush"),
              text,
              RESTORE_DEADLINE));
    }
    book.applied();
    trusted = true;
    return text.length();
  }

  /**
   * Whether our rules are still there; when somebody flushed them, the next {@link #write} writes
   * everything.
   */
  public boolean intact() throws IOException, InterruptedException {
    for (Table table : book.tables()) {
      CommandResult canary =
          kernel.run(
              Command.of(
                  "iptables", "-w", LOCK_SECONDS, "-t", table.text(), "-S", ChainNames.CANARY));
      if (!canary.output().contains("-A " + ChainNames.CANARY)) {
        trusted = false;
      }
    }
    return trusted;
  }

  /** Makes the next {@link #write} write everything. */
  public void distrust() {
    trusted = false;
  }

  private Map<Table, SavedTable> saved() throws IOException, InterruptedException {
    Map<Table, SavedTable> saved = new EnumMap<>(Table.class);
    for (Table table : book.tables()) {
      saved.put(
          table,
          SavedTable.parse(
              kernel.require(
                  new Command(
                      List.of("iptables-save", "-t", table.text()), "", RESTORE_DEADLINE))));
    }
    return saved;
  }
}
