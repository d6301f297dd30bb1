package dev.coxswain.store.raft;

import dev.coxswain.store.snapshot.SnapshotFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.protocol.exceptions.ChecksumException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/** Ratis' appender for one follower, which also tells it of commits when no entry does. */
final class CommitAppender extends GrpcLogAppender {
  private final CommitNews news;
  private volatile long told = RaftLog.INVALID_LOG_INDEX;

  CommitAppender(
      RaftServer.Division server, LeaderState leaderState, FollowerInfo follower, CommitNews news) {
    super(server, leaderState, follower);
    this.news = news;
    news.join(this);
  }

  @Override
  public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
      throws RaftLogIOException {
    AppendEntriesRequestProto request = requestFromLog(callId, heartbeat);
    if (request == null && tellingIsDue()) {
      request = super.newAppendEntriesRequest(callId, true);
    }
    if (request == null) {
      return null;
    }
    told = Math.max(told, request.getLeaderCommit());
    return request.getInitializing() && votes()
        ? request.toBuilder().setInitializing(false).build()
        : request;
  }

  // Ratis would try for ever to send what cannot be read.
  private @Nullable AppendEntriesRequestProto requestFromLog(long callId, boolean heartbeat)
      throws RaftLogIOException {
    try {
      return super.newAppendEntriesRequest(callId, heartbeat);
    } catch (RaftLogIOException e) {
      if (isDamage(e)) {
        getServer().getStateMachine().event().notifyLogFailed(e, null);
      }
      throw e;
    }
  }

  private static boolean isDamage(Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof ChecksumException)) {
      cause = cause.getCause();
    }
    return cause != null;
  }

  @Override
  public Iterable<InstallSnapshotRequestProto> newInstallSnapshotRequests(
      String requestId, SnapshotInfo snapshot) {
    for (FileInfo file : snapshot.getFiles()) {
      try {
        SnapshotFile.verify(file.getPath());
      } catch (IOException e) {
        getServer().getStateMachine().event().notifyLogFailed(e, null);
        throw new UncheckedIOException(e);
      }
    }
    return super.newInstallSnapshotRequests(requestId, snapshot);
  }

  // Ratis 3.3 never tells a learner that its initial state is over, not even when it has become a
  // voter: it would neither vote nor stand until another leader comes.
  private boolean votes() {
    return getServer().getRaftConf().getPeer(getFollowerId()) != null;
  }

  // A follower believes a commit index only as far as its log is known to agree with ours, which an
  // empty message cannot say while entries are on their way; the answer to those wakes us again.
  private boolean tellingIsDue() {
    return news.due()
        && !hasPendingDataRequests()
        && getRaftLog().getLastCommittedIndex() > Math.max(told, getFollower().getCommitIndex());
  }

  @Override
  public CompletableFuture<LifeCycle.State> stopAsync() {
    news.leave(this);
    return super.stopAsync();
  }
}
