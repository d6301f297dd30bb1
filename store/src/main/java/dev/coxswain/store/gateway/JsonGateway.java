package dev.coxswain.store.gateway;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which call of gRPC stands behind which path, as etcd has it. */
public final class JsonGateway {
  private static final String PREFIX = "/v3/";

  /** What etcd 3.3 called it, and 3.5 still knows. */
  private static final String OLD_PREFIX = "/v3beta/";

  private static final Map<String, String> PATHS =
      Map.ofEntries(
          Map.entry("kv/range", "etcdserverpb.KV/Range"),
          Map.entry("kv/put", "etcdserverpb.KV/Put"),
          Map.entry("kv/deleterange", "etcdserverpb.KV/DeleteRange"),
          Map.entry("kv/txn", "etcdserverpb.KV/Txn"),
          Map.entry("kv/compaction", "etcdserverpb.KV/Compact"),
          Map.entry("watch", "etcdserverpb.Watch/Watch"),
          Map.entry("lease/grant", "etcdserverpb.Lease/LeaseGrant"),
          Map.entry("lease/revoke", "etcdserverpb.Lease/LeaseRevoke"),
          Map.entry("kv/lease/revoke", "etcdserverpb.Lease/LeaseRevoke"),
          Map.entry("lease/keepalive", "etcdserverpb.Lease/LeaseKeepAlive"),
          Map.entry("lease/timetolive", "etcdserverpb.Lease/LeaseTimeToLive"),
          Map.entry("kv/lease/timetolive", "etcdserverpb.Lease/LeaseTimeToLive"),
          Map.entry("lease/leases", "etcdserverpb.Lease/LeaseLeases"),
          Map.entry("kv/lease/leases", "etcdserverpb.Lease/LeaseLeases"),
          Map.entry("cluster/member/add", "etcdserverpb.Cluster/MemberAdd"),
          Map.entry("cluster/member/remove", "etcdserverpb.Cluster/MemberRemove"),
          Map.entry("cluster/member/update", "etcdserverpb.Cluster/MemberUpdate"),
          Map.entry("cluster/member/list", "etcdserverpb.Cluster/MemberList"),
          Map.entry("cluster/member/promote", "etcdserverpb.Cluster/MemberPromote"),
          Map.entry("maintenance/alarm", "etcdserverpb.Maintenance/Alarm"),
          Map.entry("maintenance/status", "etcdserverpb.Maintenance/Status"),
          Map.entry("maintenance/defragment", "etcdserverpb.Maintenance/Defragment"),
          Map.entry("maintenance/hash", "etcdserverpb.Maintenance/Hash"),
          Map.entry("maintenance/hashkv", "etcdserverpb.Maintenance/HashKV"),
          Map.entry("maintenance/snapshot", "etcdserverpb.Maintenance/Snapshot"),
          Map.entry("maintenance/transfer-leadership", "etcdserverpb.Maintenance/MoveLeader"),
          Map.entry("maintenance/downgrade", "etcdserverpb.Maintenance/Downgrade"),
          Map.entry("auth/enable", "etcdserverpb.Auth/AuthEnable"),
          Map.entry("auth/disable", "etcdserverpb.Auth/AuthDisable"),
          Map.entry("auth/status", "etcdserverpb.Auth/AuthStatus"),
          Map.entry("auth/authenticate", "etcdserverpb.Auth/Authenticate"),
          Map.entry("auth/user/add", "etcdserverpb.Auth/UserAdd"),
          Map.entry("auth/user/get", "etcdserverpb.Auth/UserGet"),
          Map.entry("auth/user/list", "etcdserverpb.Auth/UserList"),
          Map.entry("auth/user/delete", "etcdserverpb.Auth/UserDelete"),
          Map.entry("auth/user/changepw", "etcdserverpb.Auth/UserChangePassword"),
          Map.entry("auth/user/grant", "etcdserverpb.Auth/UserGrantRole"),
          Map.entry("auth/user/revoke", "etcdserverpb.Auth/UserRevokeRole"),
          Map.entry("auth/role/add", "etcdserverpb.Auth/RoleAdd"),
          Map.entry("auth/role/get", "etcdserverpb.Auth/RoleGet"),
          Map.entry("auth/role/list", "etcdserverpb.Auth/RoleList"),
          Map.entry("auth/role/delete", "etcdserverpb.Auth/RoleDelete"),
          Map.entry("auth/role/grant", "etcdserverpb.Auth/RoleGrantPermission"),
          Map.entry("auth/role/revoke", "etcdserverpb.Auth/RoleRevokePermission"),
          Map.entry("lock/lock", "v3lockpb.Lock/Lock"),
          Map.entry("lock/unlock", "v3lockpb.Lock/Unlock"),
          Map.entry("election/campaign", "v3electionpb.Election/Campaign"),
          Map.entry("election/proclaim", "v3electionpb.Election/Proclaim"),
          Map.entry("election/leader", "v3electionpb.Election/Leader"),
          Map.entry("election/observe", "v3electionpb.Election/Observe"),
          Map.entry("election/resign", "v3electionpb.Election/Resign"));

  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();

  /** A gateway to these services. */
  public JsonGateway(List<ServerServiceDefinition> services) {
    for (ServerServiceDefinition service : services) {
      for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
        methods.put(method.getMethodDescriptor().getFullMethodName(), method);
      }
    }
  }

  /** Whether a path is the gateway's, be there anything behind it or not. */
  public static boolean covers(String path) {
    return path.startsWith(PREFIX) || path.startsWith(OLD_PREFIX);
  }

  /**
   * Begins the call behind a path, on the connection's event loop.
   *
   * @param done what is run when it has been answered
   * @return nothing where there is no such call
   */
  public Optional<GatewayCall> call(
      FullHttpRequest request, ChannelHandlerContext connection, Runnable done) {
    String path = new QueryStringDecoder(request.uri()).rawPath();
    HttpAnswer answer = new HttpAnswer(connection, HttpUtil.isKeepAlive(request), done);
    byte[] body = ByteBufUtil.getBytes(request.content());
    return at(path).map(method -> begin(method, answer, body));
  }

  private static <Q, A> GatewayCall begin(
      ServerMethodDefinition<Q, A> method, HttpAnswer answer, byte[] body) {
    JsonCall<Q, A> call = new JsonCall<>(method, answer);
    call.begin(body);
    return call;
  }

  private Optional<ServerMethodDefinition<?, ?>> at(String path) {
    String rest = path.substring(path.startsWith(PREFIX) ? PREFIX.length() : OLD_PREFIX.length());
    return Optional.ofNullable(PATHS.get(rest)).map(methods::get);
  }

  /** Whether a call's answers are a stream, each in an envelope and on a line of its own. */
  static boolean streams(MethodDescriptor<?, ?> method) {
    return !method.getType().serverSendsOneMessage();
  }
}
