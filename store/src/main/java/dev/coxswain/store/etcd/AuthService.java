package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.AuthDisableResponse;
import dev.coxswain.proto.etcd.AuthGrpc;
import dev.coxswain.proto.etcd.AuthStatusResponse;
import dev.coxswain.store.error.StoreError;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.util.function.Supplier;

/**
 * etcdserverpb.Auth of a store without users: what an etcd says that never had them turned on. A
 * client that has a password goes on without one when it hears so, and only then. The rest is
 * refused, since who sets up users must not believe that they keep anybody out.
 */
final class AuthService implements BindableService {
  /** What a new etcd begins with. */
  private static final long REVISION = 1;

  private final Stamp stamp;

  AuthService(Stamp stamp) {
    this.stamp = stamp;
  }

  @Override
  public ServerServiceDefinition bindService() {
    ServerServiceDefinition.Builder service =
        ServerServiceDefinition.builder(AuthGrpc.getServiceDescriptor());
    for (MethodDescriptor<?, ?> method : AuthGrpc.getServiceDescriptor().getMethods()) {
      service.addMethod(served(method));
    }
    return service.build();
  }

  private ServerMethodDefinition<?, ?> served(MethodDescriptor<?, ?> method) {
    if (method.equals(AuthGrpc.getAuthStatusMethod())) {
      return answered(AuthGrpc.getAuthStatusMethod(), this::status);
    }
    if (method.equals(AuthGrpc.getAuthDisableMethod())) {
      return answered(AuthGrpc.getAuthDisableMethod(), this::disabled);
    }
    return method.equals(AuthGrpc.getAuthenticateMethod())
        ? refused(method, StoreError.AUTH_NOT_ENABLED)
        : refused(method, StoreError.AUTH_NOT_AVAILABLE);
  }

  private AuthStatusResponse status() {
    return AuthStatusResponse.newBuilder()
        .setHeader(stamp.header())
        .setAuthRevision(REVISION)
        .build();
  }

  private AuthDisableResponse disabled() {
    return AuthDisableResponse.newBuilder().setHeader(stamp.header()).build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> answered(
      MethodDescriptor<Q, A> method, Supplier<A> answer) {
    return ServerMethodDefinition.create(
        method,
        ServerCalls.asyncUnaryCall((request, observer) -> {
          observer.onNext(answer.get());
          observer.onCompleted();
        }));
  }

  private static <Q, A> ServerMethodDefinition<Q, A> refused(
      MethodDescriptor<Q, A> method, StoreError error) {
    return ServerMethodDefinition.create(
        method,
        ServerCalls.asyncUnaryCall(
            (request, observer) -> observer.onError(Answers.status(error.exception()))));
  }
}
