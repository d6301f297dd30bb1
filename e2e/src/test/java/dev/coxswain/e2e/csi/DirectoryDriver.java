package dev.coxswain.e2e.csi;

import dev.coxswain.proto.csi.InfoRequest;
import dev.coxswain.proto.csi.PluginInfo;
import dev.coxswain.proto.csi.RegistrationGrpc;
import dev.coxswain.proto.csi.RegistrationStatus;
import dev.coxswain.proto.csi.RegistrationStatusResponse;
import dev.coxswain.proto.health.HealthCheckRequest;
import dev.coxswain.proto.health.HealthCheckResponse;
import dev.coxswain.proto.health.HealthGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A CSI driver as a process of its own, as real ones are: {@code DirectoryDriver <name> <node>
 * <kubelet's root>}. It registers itself, without the usual sidecar. Volumes lie below {@code
 * plugins/<name>/volumes}; what it is asked stands in {@code plugins/<name>/calls}.
 */
public final class DirectoryDriver {
  /** Where it answers whether it serves: the port that its pod's probe names. */
  public static final int HEALTH_PORT = 9808;

  private DirectoryDriver() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    String name = arguments[0];
    Path root = Path.of(arguments[2]);
    Path own = Files.createDirectories(root.resolve("plugins").resolve(name));
    Path registry = Files.createDirectories(root.resolve("plugins_registry"));
    Path endpoint = own.resolve("csi.sock");
    serve(endpoint, new DirectoryNode(arguments[1], own));
    Server registration =
        serve(registry.resolve(name + "-reg.sock"), new Registration(name, endpoint));
    NettyServerBuilder.forPort(HEALTH_PORT).addService(new Health()).build().start();
    System.out.println("driver " + name + " serves");
    registration.awaitTermination();
  }

  private static Server serve(Path socket, BindableService service) throws IOException {
    Files.deleteIfExists(socket);
    return NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .channelType(NioServerDomainSocketChannel.class)
        .bossEventLoopGroup(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .workerEventLoopGroup(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
        .addService(service)
        .build()
        .start();
  }

  private static final class Health extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
      answer.onNext(
          HealthCheckResponse.newBuilder()
              .setStatus(
                  request.getService().equals("csi")
                      ? HealthCheckResponse.ServingStatus.SERVING
                      : HealthCheckResponse.ServingStatus.NOT_SERVING)
              .build());
      answer.onCompleted();
    }
  }

  private static final class Registration extends RegistrationGrpc.RegistrationImplBase {
    private final String name;
    private final Path endpoint;

    Registration(String name, Path endpoint) {
      this.name = name;
      this.endpoint = endpoint;
    }

    @Override
    public void getInfo(InfoRequest request, StreamObserver<PluginInfo> answer) {
      answer.onNext(
          PluginInfo.newBuilder()
              .setType("CSIPlugin")
              .setName(name)
              .setEndpoint(endpoint.toString())
              .addSupportedVersions("1.0.0")
              .build());
      answer.onCompleted();
    }

    @Override
    public void notifyRegistrationStatus(
        RegistrationStatus status, StreamObserver<RegistrationStatusResponse> answer) {
      System.out.println("registered: " + status.getPluginRegistered() + " " + status.getError());
      answer.onNext(RegistrationStatusResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }
}
