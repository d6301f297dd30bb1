package dev.coxswain.store.command;

import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.Founder;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.raft.NewCluster;
import dev.coxswain.store.raft.Survivor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code cox store recover}: a new cluster out of what is left when the quorum is lost for good.
 */
@Command(
    name = "recover",
    mixinStandardHelpOptions = true,
    description = {
      "Rebuilds a cluster whose quorum is lost for good, from the survivor that is furthest on.",
      "Stop all survivors first. Their directories are read and not changed. What only lost",
      "members had is lost; entries that were never committed may become part of the new state."
    })
public final class RecoverCommand extends OperatorTask {
  @Option(
      names = "--survivor",
      required = true,
      description = "Data directory of a survivor; give it for each one there is.")
  private List<Path> survivors = List.of();

  @Mixin private NewMember member = new NewMember();

  @Option(names = "--yes", description = "Does not ask.")
  private boolean yes;

  @Override
  int run() throws IOException {
    List<Survivor> found = new ArrayList<>();
    for (Path directory : survivors) {
      found.add(Survivor.read(directory));
    }
    show(found);
    if (found.stream().map(survivor -> survivor.mark().clusterId()).distinct().count() > 1) {
      throw new IOException("these are members of different clusters");
    }
    Survivor best = Collections.max(found, Survivor.FURTHEST_ON);
    Founder self = member.self();
    say("furthest on: " + best.directory());
    if (!yes && !confirmed()) {
      say("nothing was changed");
      return 1;
    }
    String origin = Identity.text(best.mark().clusterId()) + "/" + best.term() + "/" + best.index();
    NewCluster cluster = member.cluster(origin);
    // Its old members and alarms stay behind: these were the lost cluster's.
    StoreState state =
        new StoreState(
            best.state().keyspace(), best.state().leases(), cluster.members(), List.of());
    cluster.lay(member.dataDirectory(), self, state);
    say("rebuilt revision %d to %s".formatted(state.keyspace().revision(), member.dataDirectory()));
    return 0;
  }

  private void show(List<Survivor> found) {
    Table table =
        new Table(
            List.of("SURVIVOR", "MEMBER", "COMMITTED AT LEAST", "TERM", "LAST INDEX", "REVISION"));
    for (Survivor survivor : found) {
      table.row(
          List.of(
              survivor.directory().toString(),
              Identity.text(survivor.mark().memberId()),
              Long.toString(survivor.snapshotIndex()),
              Long.toString(survivor.term()),
              Long.toString(survivor.index()),
              Long.toString(survivor.state().keyspace().revision())));
    }
    say(table.toString());
  }

  private boolean confirmed() throws IOException {
    say("Make " + member.dataDirectory() + " out of it, as a new cluster? [y/N]");
    String answer =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
