package dev.coxswain.store.etcd;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.runtime.tls.TlsTrust;
import dev.coxswain.store.backup.LocalSnapshots;
import dev.coxswain.store.gateway.JsonGateway;
import dev.coxswain.store.member.MemberUrl;
import dev.coxswain.store.metrics.ClientMetrics;
import dev.coxswain.store.metrics.Pages;
import dev.coxswain.store.raft.StoreNode;
import dev.coxswain.store.watch.WatchDispatcher;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * The server that clients talk to: gRPC, and beside it the same as JSON and the pages of operators,
 * as etcd has them.
 */
public final class EtcdServer {
  /** The protocol this store speaks; clients turn features on by it. */
  public static final String PROTOCOL_VERSION = "3.5.21";

  /** What members speak with each other; etcd's clusters have no patch in theirs. */
  public static final String CLUSTER_VERSION = "3.5";

  /** Headers and framing aside, what one connection may have in flight towards us. */
  private static final int FLOW_CONTROL_WINDOW = 1 << 20;

  private static final int EVENT_LOOPS = 4;
  private static final int STOP_SECONDS = 3;

  private final EventLoopGroup events =
      new MultiThreadIoEventLoopGroup(
          Math.min(EVENT_LOOPS, Runtime.getRuntime().availableProcessors()),
          NioIoHandler.newFactory());
  private final StopGate stopGate = new StopGate();
  private final List<ClientProtocols> protocols = new ArrayList<>();
  private final List<Server> servers;

  /** Who may talk to the server, and as whom it answers. */
  public record ClientTls(TlsIdentity identity, TlsTrust clients) {}

  /** Builds the server for its URLs without starting it. */
  public EtcdServer(
      List<MemberUrl> urls,
      Optional<ClientTls> tls,
      ClientLimits limits,
      long clusterId,
      StoreNode node,
      WatchDispatcher watches,
      Quota quota,
      LocalSnapshots snapshots,
      Pages pages,
      ClientMetrics clients,
      Executor workers,
      Duration electionTimeout,
      Time time,
      Randomness randomness)
      throws SSLException {
    Stamp stamp = new Stamp(clusterId, node);
    SnapshotCalls snapshotCalls = new SnapshotCalls(node, stamp, snapshots, workers);
    RequestChecks checks = limits.checks();
    Line line = new Line(node, watches, quota, checks, randomness);
    LeaderGate leaderGate = new LeaderGate(() -> node.leader().isPresent(), time, electionTimeout);
    List<ServerServiceDefinition> services =
        Stream.<BindableService>of(
                new KvService(node, stamp, quota, checks),
                new WatchService(watches, stamp),
                new LeaseService(node, stamp, quota, randomness),
                new ClusterService(node, stamp, clusterId, time),
                new MaintenanceService(node, stamp, quota, workers, snapshotCalls),
                new AuthService(stamp),
                new LockService(line, stamp, workers),
                new ElectionService(line, stamp, workers))
            .map(service ->
                clients.counted(
                    ServerInterceptors.intercept(
                        service, new LearnerGate(node::learns), leaderGate, stopGate)))
            .toList();
    JsonGateway gateway = new JsonGateway(services);
    ServerServiceDefinition health = clients.counted(new HealthService().bindService());
    Optional<SslContext> context =
        tls.isPresent() ? Optional.of(context(tls.get())) : Optional.empty();
    this.servers =
        urls.stream()
            .map(url -> {
              NettyServerBuilder builder =
                  NettyServerBuilder.forAddress(new InetSocketAddress(url.host(), url.port()))
                      .bossEventLoopGroup(events)
                      .workerEventLoopGroup(events)
                      .channelType(NioServerSocketChannel.class)
                      .directExecutor()
                      .flowControlWindow(FLOW_CONTROL_WINDOW)
                      .addServices(services)
                      .addService(health);
              limits.set(builder);
              clients.watch(builder);
              if (url.secure() && context.isEmpty()) {
                throw new IllegalArgumentException(
                    "--listen-client-urls: "
                        + url
                        + " needs --cert-file, --key-file and --trusted-ca-file");
              }
              ClientProtocols shared =
                  new ClientProtocols(
                      context.filter(any -> url.secure()),
                      limits.bodyBytes(),
                      pages,
                      gateway,
                      workers);
              protocols.add(shared);
              return builder.protocolNegotiator(shared).build();
            })
            .toList();
  }

  static SslContext context(ClientTls tls) throws SSLException {
    return GrpcSslContexts.configure(SslContextBuilder.forServer(tls.identity()), SslProvider.JDK)
        .applicationProtocolConfig(ClientProtocols.OFFER)
        .trustManager(tls.clients())
        .clientAuth(ClientAuth.REQUIRE)
        .build();
  }

  /** Starts listening. */
  public void start() throws IOException {
    for (Server server : servers) {
      server.start();
    }
  }

  /** Stops listening, and ends the calls under way: after a short grace those that have an end. */
  public void stop() throws InterruptedException {
    protocols.forEach(ClientProtocols::stopping);
    servers.forEach(Server::shutdown);
    stopGate.stop();
    for (Server server : servers) {
      if (!server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    }
    var _ = events.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS);
  }
}
