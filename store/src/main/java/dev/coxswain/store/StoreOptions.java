package dev.coxswain.store;

import dev.coxswain.store.backup.ScheduledBackup;
import dev.coxswain.store.etcd.ClientLimits;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.member.Founder;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.raft.PeerTls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A member's flags, checked. */
record StoreOptions(
    String name,
    Path dataDirectory,
    List<MemberUrl> clientUrls,
    List<String> advertisedClientUrls,
    MemberUrl peerUrl,
    List<Founder> founders,
    boolean joining,
    String token,
    Optional<PeerTls> clientTls,
    Optional<PeerTls> peerTls,
    List<MemberUrl> metricsUrls,
    ClientLimits clientLimits,
    long quotaBytes,
    long diskReserveBytes,
    AutoCompaction.Policy compaction,
    long snapshotEntries,
    Duration electionTimeout,
    Duration progressInterval,
    ScheduledBackup.Policy backups) {

  StoreOptions {
    if (snapshotEntries < 16) {
      throw new IllegalArgumentException(
          "--snapshot-count: " + snapshotEntries + " is too few, give 16 or more");
    }
    boolean named = founders.stream().anyMatch(founder -> founder.name().equals(name));
    if (!named) {
      throw new IllegalArgumentException(
          "--initial-cluster: no member is called \"" + name + "\", which is this one's --name");
    }
    for (MemberUrl url : clientUrls) {
      checkPlain(url, "--listen-client-urls");
    }
    checkPlain(peerUrl, "--listen-peer-urls");
    if (peerUrl.secure() && peerTls.isEmpty()) {
      throw new IllegalArgumentException(
          "--listen-peer-urls: "
              + peerUrl
              + " needs --peer-cert-file, --peer-key-file and --peer-trusted-ca-file");
    }
  }

  private static void checkPlain(MemberUrl url, String flag) {
    if (!url.secure() && !url.loopback()) {
      throw new IllegalArgumentException(
          flag + ": " + url + " is plain text, which is allowed on loopback addresses only");
    }
  }

  /** The founder that this member is. */
  Founder self() {
    return founders.stream()
        .filter(founder -> founder.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Where the other members of the initial cluster are. */
  List<MemberUrl> others() {
    return founders.stream()
        .filter(founder -> !founder.name().equals(name))
        .map(Founder::peerUrl)
        .toList();
  }

  /** Three files that come together or not at all. */
  static Optional<PeerTls> tls(
      String prefix, Optional<Path> certificate, Optional<Path> key, Optional<Path> authority) {
    if (certificate.isEmpty() && key.isEmpty() && authority.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new PeerTls(
            file("--" + prefix + "cert-file", certificate),
            file("--" + prefix + "key-file", key),
            file("--" + prefix + "trusted-ca-file", authority)));
  }

  private static Path file(String flag, Optional<Path> path) {
    Path file =
        path.orElseThrow(
            () -> new IllegalArgumentException(flag + " is needed beside the other two"));
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(flag + ": " + file + " cannot be read");
    }
    return file;
  }
}
