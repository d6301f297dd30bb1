package dev.coxswain.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.AuthDisableRequest;
import dev.coxswain.proto.etcd.AuthEnableRequest;
import dev.coxswain.proto.etcd.AuthGrpc;
import dev.coxswain.proto.etcd.AuthStatusRequest;
import dev.coxswain.proto.etcd.AuthStatusResponse;
import dev.coxswain.proto.etcd.AuthUserAddRequest;
import dev.coxswain.proto.etcd.AuthenticateRequest;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.raft.TestNodes;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients hear that believe there are users. */
final class AuthServiceTest {
  private static final String NONE =
      "UNIMPLEMENTED: etcdserver: authentication is not available in this store";

  @TempDir private Path directory;
  private StoreNode node;
  private LocalServer server;
  private AuthGrpc.AuthBlockingStub auth;

  @BeforeEach
  void start() throws IOException {
    node =
        TestNodes.node(
            TestNodes.first(directory, Duration.ofMillis(700), TestNodes.ANYWHERE),
            new ManualTime());
    server = new LocalServer(List.of(), new AuthService(new Stamp(7, node)));
    auth = AuthGrpc.newBlockingStub(server.channel());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    node.close();
  }

  /** Go's client compares code and text, and goes on without a token. */
  @Test
  void whoComesWithAPasswordIsToldThatThereIsNoAuthentication() {
    AuthenticateRequest request =
        AuthenticateRequest.newBuilder().setName("root").setPassword("secret").build();
    assertThatThrownBy(() -> auth.authenticate(request))
        .hasMessage("FAILED_PRECONDITION: etcdserver: authentication is not enabled");
  }

  @Test
  void itIsOffAsInAnEtcdThatNeverHadUsers() {
    AuthStatusResponse status = auth.authStatus(AuthStatusRequest.getDefaultInstance());
    assertThat(status.getEnabled()).isFalse();
    assertThat(status.getAuthRevision()).isOne();
    assertThat(status.getHeader().getClusterId()).isEqualTo(7);
    assertThat(auth.authDisable(AuthDisableRequest.getDefaultInstance()).hasHeader()).isTrue();
  }

  @Test
  void nobodyTurnsItOnOrMakesUsers() {
    assertThatThrownBy(() -> auth.authEnable(AuthEnableRequest.getDefaultInstance()))
        .hasMessage(NONE);
    AuthUserAddRequest user = AuthUserAddRequest.newBuilder().setName("root").build();
    assertThatThrownBy(() -> auth.userAdd(user)).hasMessage(NONE);
    List<String> refused = new ArrayList<>();
    for (MethodDescriptor<?, ?> method : AuthGrpc.getServiceDescriptor().getMethods()) {
      if (code(method) == Status.Code.UNIMPLEMENTED) {
        refused.add(method.getBareMethodName());
      }
    }
    assertThat(refused)
        .hasSize(14)
        .doesNotContain("Authenticate", "AuthStatus", "AuthDisable")
        .contains("RoleGrantPermission", "UserChangePassword", "RoleList");
  }

  private <Q, A> Status.Code code(MethodDescriptor<Q, A> method) {
    try {
      var _ =
          ClientCalls.blockingUnaryCall(
              server.channel(),
              method,
              CallOptions.DEFAULT,
              method.parseRequest(InputStream.nullInputStream()));
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
