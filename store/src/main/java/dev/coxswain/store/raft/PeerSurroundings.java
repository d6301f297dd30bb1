package dev.coxswain.store.raft;

import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real members, as {@link LeaderLoss} sees them. */
final class PeerSurroundings implements LeaderLoss.Surroundings {
  private static final Logger LOG = LoggerFactory.getLogger(PeerSurroundings.class);

  /** A port that is closed says so at once; one that says nothing is not closed. */
  private static final Duration KNOCK_PATIENCE = Duration.ofMillis(200);

  private final long self;
  private final RaftNode raft;
  private final PeerPort peers;
  private final Executor workers;
  private final Time time;
  private final Duration patience;

  /** Members that have so long to answer. */
  PeerSurroundings(
      long self, RaftNode raft, PeerPort peers, Executor workers, Time time, Duration patience) {
    this.self = self;
    this.raft = raft;
    this.peers = peers;
    this.workers = workers;
    this.time = time;
    this.patience = patience;
  }

  @Override
  public long self() {
    return self;
  }

  @Override
  public Optional<Long> leader() {
    return raft.leader();
  }

  @Override
  public Collection<Set<Long>> voters() {
    return raft.voters();
  }

  @Override
  public LeaderLoss.Standing standing() {
    return raft.standing();
  }

  @Override
  public CompletableFuture<Boolean> refuses(long member) {
    return CompletableFuture.supplyAsync(() -> raft.address(member).filter(this::closed), workers)
        .thenApply(Optional::isPresent);
  }

  private boolean closed(String address) {
    return PeerNames.ofThisProcess().authorities(address).stream().allMatch(this::refused);
  }

  private boolean refused(String authority) {
    MemberUrl url = MemberUrl.parse("http://" + authority, "address");
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(url.host(), url.port()), (int) KNOCK_PATIENCE.toMillis());
      return false;
    } catch (ConnectException refused) {
      return true;
    } catch (IOException unknown) {
      return false;
    }
  }

  @Override
  public CompletableFuture<LeaderLoss.Finding> ask(long member, long leader) {
    return raft.address(member)
        .map(address -> {
          peers.connectAnew(address);
          return peers.ask(address, PeerCall.number(PeerCall.LOSS, leader), time.nanos(), patience);
        })
        .map(asked -> asked.thenApply(PeerCall::accepted).thenApply(PeerCall::finding))
        .orElseGet(() -> CompletableFuture.failedFuture(new NotLeading()));
  }

  @Override
  public void stand(long leader) {
    workers.execute(() -> {
      LOG.info("the leader {} is gone: standing in its place", RaftNode.peerId(leader));
      try {
        raft.stand(leader);
      } catch (IOException e) {
        LOG.warn("standing at once failed; the election timeout will do: {}", e.toString());
      }
    });
  }
}
