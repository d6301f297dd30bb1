package dev.coxswain.apiserver.encryption;

import dev.coxswain.apiserver.health.Health;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.runtime.program.Reloading;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Encryption at rest as the flags ask for it: around stores, and in what is told of health. */
public final class AtRest {
  private final @Nullable CurrentEncryption encryption;
  private final boolean followed;

  private AtRest(@Nullable CurrentEncryption encryption, boolean followed) {
    this.encryption = encryption;
    this.followed = followed;
  }

  /**
   * Reads the configuration.
   *
   * @param file none where nothing is encrypted
   * @param followed whether it is read again when it changes
   * @throws IllegalArgumentException where it makes no sense
   */
  public static AtRest of(@Nullable Path file, boolean followed, Time time, Randomness randomness) {
    if (file == null) {
      return new AtRest(null, false);
    }
    Reloading<Encryption> encryption =
        Reloading.file(file, () -> EncryptionFile.read(file, time, randomness));
    Encryption first = encryption.current();
    return new AtRest(
        new CurrentEncryption(followed ? encryption::current : () -> first), followed);
  }

  /** The store, with what the configuration names encrypted in it. */
  public Store over(Store store) {
    return encryption == null ? store : new EncryptedStore(store, encryption);
  }

  /**
   * Whether the key servers are well: a check for each, or one for all where they may be others by
   * and by. The names are upstream's.
   */
  public List<Health.Check> checks() {
    CurrentEncryption configured = encryption;
    if (configured == null) {
      return List.of();
    }
    if (followed) {
      return List.of(new Health.Check("kms-providers", () -> configured.use(AtRest::problem)));
    }
    List<Health.Check> checks = new ArrayList<>();
    for (KeyServerProvider server : configured.use(Encryption::keyServers)) {
      checks.add(new Health.Check(name(checks.size()), server::problem));
    }
    return checks;
  }

  private static Optional<String> problem(Encryption encryption) {
    List<String> problems = new ArrayList<>();
    int number = 0;
    for (KeyServerProvider server : encryption.keyServers()) {
      String name = name(number++);
      server.problem().ifPresent(problem -> problems.add(name + ": " + problem));
    }
    return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
  }

  private static String name(int number) {
    return "kms-provider-" + number;
  }
}
