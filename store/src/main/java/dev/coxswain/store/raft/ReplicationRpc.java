package dev.coxswain.store.raft;

import java.util.List;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.Channel;
import org.apache.ratis.thirdparty.io.grpc.ClientCall;
import org.apache.ratis.thirdparty.io.grpc.ClientInterceptor;
import org.apache.ratis.thirdparty.io.grpc.InternalConfigurator;
import org.apache.ratis.thirdparty.io.grpc.InternalConfiguratorRegistry;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;

/** Ratis' gRPC with our {@link CommitAppender}; Ratis finds this class by its name. */
public final class ReplicationRpc implements RpcType {
  private static final String COMMIT_NEWS = "coxswain.commit-news";

  // By default a pool's thread is woken for each answer of a follower, and Ratis, which builds the
  // channels, has no setting for it; so this holds for every channel of its own copy of gRPC.
  static {
    InternalConfiguratorRegistry.setConfigurators(List.of(new AnswersOnLoops()));
  }

  /**
   * What a follower answers about an append is counted by the event loop that received it. Votes,
   * snapshots and what else members call keep the threads they have.
   */
  private static final class AnswersOnLoops implements InternalConfigurator, ClientInterceptor {
    @Override
    public void configureChannelBuilder(ManagedChannelBuilder<?> builder) {
      builder.intercept(this);
    }

    @Override
    public <A, B> ClientCall<A, B> interceptCall(
        MethodDescriptor<A, B> method, CallOptions options, Channel next) {
      return next.newCall(
          method,
          method.getFullMethodName().equals(PeerPort.APPENDS)
              ? options.withExecutor(EventLoopTurn::onLoopOrElsewhere)
              : options);
    }
  }

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
