package dev.coxswain.store.raft;

import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.member.MemberUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a member needs to take part in replication.
 *
 * @param peers every founding member's peer URL by identity; empty when joining
 * @param others where other members can be reached as far as flags tell, for one that takes no part
 * @param room the room on the disk that the log and the snapshots share
 * @param directory where the log and the snapshots lie
 * @param fresh true when nothing lies there yet and nothing may
 * @param listen where peers reach this member
 * @param snapshotEntries log entries after which a snapshot is due
 * @param electionTimeout the shortest time without a leader after which a member stands
 */
public record NodeConfig(
    long memberId,
    UUID group,
    Map<Long, MemberUrl> peers,
    List<MemberUrl> others,
    DiskRoom room,
    Path directory,
    boolean fresh,
    MemberUrl listen,
    Optional<PeerTls> tls,
    AutoCompaction.Policy compaction,
    long snapshotEntries,
    Duration electionTimeout) {}
