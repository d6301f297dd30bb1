package dev.coxswain.store.command;

import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.store.member.MemberUrl;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The member that a command talks to, by etcdctl's flags. */
final class Endpoint {
  @Option(
      names = "--endpoints",
      defaultValue = "http://127.0.0.1:2379",
      description = "The member's client URL. Default: ${DEFAULT-VALUE}.")
  private String url = "";

  @Option(names = "--cacert", description = "Authority of the member's certificate, PEM.")
  private @Nullable Path authority;

  @Option(names = "--cert", description = "Certificate to show, PEM.")
  private @Nullable Path certificate;

  @Option(names = "--key", description = "Its key, PEM.")
  private @Nullable Path key;

  ManagedChannel open() throws IOException {
    MemberUrl member = MemberUrl.parse(url, "--endpoints");
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget("dns:///" + member.authority());
    if (!member.secure()) {
      return builder.usePlaintext().build();
    }
    Path trusted = authority;
    Path shown = certificate;
    Path secret = key;
    if (trusted == null || shown == null || secret == null) {
      throw new IllegalArgumentException("--endpoints: " + url + " needs --cacert, --cert, --key");
    }
    return builder
        .sslContext(
            GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .keyManager(Tls.identity(shown, secret))
                .trustManager(Tls.trust(trusted))
                .build())
        .build();
  }

  @Override
  public String toString() {
    return url;
  }
}
