package dev.coxswain.store.raft;

import java.io.IOException;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;

/** Lets an answer about a vote out only when the vote is in the {@link VoteRecord}, too. */
final class VoteGate implements ServerInterceptor {
  private static final String VOTES = "ratis.grpc.RaftServerProtocolService/requestVote";

  private final VoteRecord votes;

  VoteGate(VoteRecord votes) {
    this.votes = votes;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor().getFullMethodName().equals(VOTES)) {
      return next.startCall(call, headers);
    }
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          private boolean refused;

          @Override
          public void sendMessage(A answer) {
            try {
              votes.keep();
              super.sendMessage(answer);
            } catch (IOException e) {
              refused = true;
              super.close(
                  Status.UNAVAILABLE.withDescription("no vote can be written down: " + e),
                  new Metadata());
            }
          }

          @Override
          public void close(Status status, Metadata trailers) {
            if (!refused) {
              super.close(status, trailers);
            }
          }
        },
        headers);
  }
}
