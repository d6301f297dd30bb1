package dev.coxswain.store;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DamagedException;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberMark;
import dev.coxswain.store.raft.Introduction;
import dev.coxswain.store.raft.Replacement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a member whose data is damaged: the others replace it by a newcomer in its place
 * ({@link Replacement}), and the damaged data is put aside.
 */
final class Resync {
  private static final Logger LOG = LoggerFactory.getLogger(Resync.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final String ASIDE = "damaged";

  private final StoreOptions options;
  private final Time time;

  Resync(StoreOptions options, Time time) {
    this.options = options;
    this.time = time;
  }

  /** Fails, saying what to do, when there is nobody who could help. */
  void checkPossible(DamagedException damage) throws IOException {
    if (options.others().isEmpty()) {
      throw new IOException(
          damage.getMessage()
              + "; there is no other member to get it from: restore the newest of %s/snapshots"
                  .formatted(options.dataDirectory())
              + " with cox store snapshot restore",
          damage);
    }
  }

  /** Returns when the data directory is that of a newcomer; tries until it can. */
  void await(DamagedException damage, BooleanSupplier stopped)
      throws IOException, InterruptedException {
    checkPossible(damage);
    String told = "";
    while (!stopped.getAsBoolean()) {
      try {
        replace();
        return;
      } catch (IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(told)) {
          LOG.warn("the others cannot take this member in anew yet: {}", reason);
          told = reason;
        }
        time.sleep(PAUSE);
      }
    }
  }

  private void replace() throws IOException {
    MemberMark old =
        MemberMark.read(options.dataDirectory())
            .orElseThrow(() -> new IOException("the damaged data does not say whose it is"));
    Introduction.Cluster cluster = Introduction.ask(options.others(), options.peerTls());
    if (!cluster.group().equals(old.group())) {
      throw new IOException("the members named in --initial-cluster are of another cluster");
    }
    var newcomer =
        Replacement.replace(
            old.memberId(),
            cluster,
            options.self().peerUrl().toString(),
            options.others(),
            options.peerTls(),
            time.now());
    putAside();
    new MemberMark(newcomer.getID(), cluster.id(), cluster.group(), false, false)
        .write(options.dataDirectory());
    LOG.warn(
        "member {} is replaced by {}, which is sent everything; what was damaged lies in {}",
        Identity.text(old.memberId()),
        Identity.text(newcomer.getID()),
        options.dataDirectory().resolve(ASIDE));
  }

  // A crash after this and before the new mark leaves a member that lost its log: the same again.
  private void putAside() throws IOException {
    Path aside = options.dataDirectory().resolve(ASIDE);
    delete(aside);
    Path log = options.dataDirectory().resolve(MemberMark.LOG);
    if (Files.isDirectory(log)) {
      Files.move(log, aside);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> found = Files.walk(directory)) {
      files = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
