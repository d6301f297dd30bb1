package dev.coxswain.store.raft;

import com.google.protobuf.CodedInputStream;
import dev.coxswain.proto.etcd.MemberListResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What a member that is about to join asks those that are there: which cluster they are. */
public final class Introduction {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int GROUP_BYTES = 2 * Long.BYTES;

  private Introduction() {}

  /** A cluster as one of its members sees it. */
  public record Cluster(UUID group, List<dev.coxswain.proto.etcd.Member> members) {
    /** The cluster's identity. */
    public long id() {
      return group.getMostSignificantBits();
    }
  }

  /** For one that only asks. */
  static PeerPort client(Optional<PeerTls> tls) {
    return new PeerPort(
        tls, request -> CompletableFuture.failedFuture(new IOException("not a server")), List.of());
  }

  /** Asks each address until one answers. */
  public static Cluster ask(List<MemberUrl> urls, Optional<PeerTls> tls) throws IOException {
    IOException failure = new IOException("no other member is named in --initial-cluster");
    try (PeerPort port = client(tls)) {
      for (MemberUrl url : urls) {
        try {
          byte[] request = {PeerCall.CLUSTER};
          return read(PeerCall.accepted(port.call(url.authority(), request, PATIENCE).join()));
        } catch (CompletionException | IllegalStateException e) {
          failure = new IOException(url + ": " + LeaderRoute.cause(e).getMessage(), e);
        }
      }
    }
    throw new IOException(
        "cannot fetch cluster info from peer urls: " + failure.getMessage(), failure);
  }

  /** The answer of a member. */
  static byte[] answer(UUID group, StoreState state) {
    byte[] members =
        MemberListResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder().setClusterId(group.getMostSignificantBits()))
            .addAllMembers(state.members().all())
            .build()
            .toByteArray();
    return ByteBuffer.allocate(1 + GROUP_BYTES + members.length)
        .put(PeerCall.DONE)
        .putLong(group.getMostSignificantBits())
        .putLong(group.getLeastSignificantBits())
        .put(members)
        .array();
  }

  private static Cluster read(byte[] answer) throws IOException {
    ByteBuffer numbers = ByteBuffer.wrap(answer, 1, GROUP_BYTES);
    UUID group = new UUID(numbers.getLong(), numbers.getLong());
    byte[] members = Arrays.copyOfRange(answer, 1 + GROUP_BYTES, answer.length);
    return new Cluster(
        group,
        MemberListResponse.parseFrom(CodedInputStream.newInstance(members)).getMembersList());
  }
}
