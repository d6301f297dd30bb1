package dev.coxswain.store.raft;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/** Ratis' gRPC with our {@link CommitAppender}; Ratis finds this class by its name. */
public final class ReplicationRpc implements RpcType {
  private static final String COMMIT_NEWS = "coxswain.commit-news";

  /** Hands over what the appenders share. */
  static void setNews(Parameters parameters, CommitNews news) {
    parameters.put(COMMIT_NEWS, news, CommitNews.class);
  }

  @Override
  public String name() {
    return ReplicationRpc.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    CommitNews news = parameters.get(COMMIT_NEWS, CommitNews.class);
    return new GrpcFactory(parameters) {
      @Override
      public LogAppender newLogAppender(
          RaftServer.Division server, LeaderState state, FollowerInfo follower) {
        return new CommitAppender(server, state, follower, news);
      }
    };
  }
}
