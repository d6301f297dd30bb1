package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Founding members without certificates or old history. */
public final class TestNodes {
  /** For who is not started, or not asked: somebody may listen there. */
  public static final MemberUrl ANYWHERE = MemberUrl.parse("http://127.0.0.1:2380", "test");

  private static final int SNAPSHOT_ENTRIES = 1000;

  private TestNodes() {}

  /**
   * What the first of these members is to know.
   *
   * @param data where its log is to lie
   */
  public static NodeConfig first(
      Path data, Duration electionTimeout, MemberUrl own, MemberUrl... others) {
    Map<Long, MemberUrl> members = new HashMap<>();
    members.put(1L, own);
    for (MemberUrl other : others) {
      members.put(members.size() + 1L, other);
    }
    return new NodeConfig(
        1,
        new UUID(1, 1),
        members,
        List.of(),
        new DiskRoom(data, 0),
        data.resolve("log"),
        true,
        own,
        Optional.empty(),
        AutoCompaction.Policy.parse("periodic", "0"),
        SNAPSHOT_ENTRIES,
        electionTimeout);
  }

  /** A member, not started, that must not halt or begin anew. */
  public static StoreNode node(NodeConfig config, Time time) throws IOException {
    return new StoreNode(
        config,
        time,
        Runnable::run,
        new StoreNode.Halt() {
          @Override
          public void halt(String reason) {
            throw new AssertionError(reason);
          }

          @Override
          public void beginAnew(String reason) {
            throw new AssertionError(reason);
          }
        });
  }
}
