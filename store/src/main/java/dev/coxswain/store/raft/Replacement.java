package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.error.StoreException;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * A member whose data is damaged cannot go on under its identity: it may have acknowledged what it
 * has not any more, and would vote as if it never had. It has itself removed and added anew, as an
 * operator would, and comes back as a newcomer, which counts for no quorum until it was sent
 * everything. What it had acknowledged a majority of the others has, or there is no leader to ask.
 */
public final class Replacement {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Replacement() {}

  /** Replaces a member by a newcomer at the same URL, which is returned; may be tried again. */
  public static Member replace(
      long damaged,
      Introduction.Cluster cluster,
      String peerUrl,
      List<MemberUrl> others,
      Optional<PeerTls> tls,
      Instant now)
      throws IOException {
    try (PeerPort port = Introduction.client(tls)) {
      if (cluster.members().stream().anyMatch(member -> member.getID() == damaged)) {
        Member leaving = Member.newBuilder().setID(damaged).build();
        change(port, others, new Operation.MemberRemove(leaving), StoreError.MEMBER_NOT_FOUND);
      }
      Optional<Member> listed =
          cluster.members().stream()
              .filter(member -> member.getID() != damaged)
              .filter(member -> member.getPeerURLsList().contains(peerUrl))
              .findFirst();
      if (listed.isPresent()) {
        return listed.get();
      }
      List<String> urls = List.of(peerUrl);
      Member newcomer =
          Member.newBuilder()
              .setID(Identity.newcomer(urls, cluster.id(), now.getEpochSecond()))
              .addAllPeerURLs(urls)
              .build();
      change(port, others, new Operation.MemberAdd(newcomer), StoreError.MEMBER_EXISTS);
      return newcomer;
    }
  }

  // Only the leader carries it out; which one that is, is found by asking each.
  private static void change(
      PeerPort port, List<MemberUrl> others, Operation operation, StoreError alreadyDone)
      throws IOException {
    byte[] request =
        PeerCall.frame(PeerCall.CHANGE_MEMBERS, OperationCodec.encode(List.of(operation)));
    IOException failure = new IOException("no other member is named in --initial-cluster");
    for (MemberUrl url : others) {
      try {
        PeerCall.accepted(port.call(url.authority(), request, PATIENCE).join());
        return;
      } catch (NotLeading e) {
        failure = new IOException("no leader was found among the other members", e);
      } catch (StoreException e) {
        if (e.error() == alreadyDone) {
          return;
        }
        throw new IOException(url + ": " + e.getMessage(), e);
      } catch (CompletionException | IllegalStateException e) {
        failure = new IOException(url + ": " + LeaderRoute.cause(e).getMessage(), e);
      }
    }
    throw failure;
  }
}
