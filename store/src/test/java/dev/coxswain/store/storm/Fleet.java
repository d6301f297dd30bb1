package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.StatusRequest;
import dev.coxswain.proto.etcd.StatusResponse;
import dev.coxswain.runtime.tls.TestPki;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Three members of one store, each in a namespace of its own, with certificates on all sides. */
final class Fleet implements AutoCloseable {
  static final int SIZE = Network.HOSTS;

  /** Few, so that members that come back are often behind a snapshot. */
  private static final int SNAPSHOT_ENTRIES = 400;

  /** The member whose disk is small, and how small. */
  static final int SMALL = 2;

  private static final String SMALL_DISK_MEGABYTES = "96m";

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int CLIENT_PORT = 2379;
  private static final int PEER_PORT = 2380;

  private final Path directory;
  private final Network network;
  private final List<MemberProcess> members = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final SslContext clientTls;
  private OptionalLong onFullDisk = OptionalLong.empty();

  /** Starts all members, below an empty directory, and waits until they serve. */
  Fleet(Path directory) throws IOException {
    this.directory = directory;
    Path small = Files.createDirectories(data(SMALL));
    this.network = Network.up(small);
    try {
      Shell.run("mount -t tmpfs -o mode=0700,size=" + SMALL_DISK_MEGABYTES + " storm " + small);
      TestPki pki = new TestPki("storm");
      TestPki.Issued own = pki.issue("CN=client");
      clientTls =
          GrpcSslContexts.forClient()
              .keyManager(pem(own.certificatePem()), pem(own.keyPem()))
              .trustManager(pem(pki.authorityPem()))
              .build();
      Path authority = TestPki.write(directory.resolve("authority.pem"), pki.authorityPem());
      for (int member = 0; member < SIZE; member++) {
        TestPki.Issued issued = pki.issue("CN=m" + member, network.address(member));
        Path certificate =
            TestPki.write(directory.resolve("m" + member + ".pem"), issued.certificatePem());
        Path key = TestPki.write(directory.resolve("m" + member + "-key.pem"), issued.keyPem());
        members.add(
            new MemberProcess(
                List.of("ip", "netns", "exec", network.space(member)),
                arguments(member, authority, certificate, key),
                directory.resolve("m" + member + ".log")));
        channels.add(connect(member));
      }
      members.forEach(MemberProcess::start);
      awaitLeader();
      awaitAnswers();
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static ByteArrayInputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Where a member has its data. */
  Path data(int member) {
    return directory.resolve("m" + member);
  }

  private List<String> arguments(int member, Path authority, Path certificate, Path key) {
    String client = "https://" + network.address(member) + ":" + CLIENT_PORT;
    String peer = peer(member);
    return List.of(
        "--name=m" + member,
        "--data-dir=" + data(member),
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster="
            + IntStream.range(0, SIZE)
                .mapToObj(i -> "m" + i + "=" + peer(i))
                .collect(Collectors.joining(",")),
        "--snapshot-count=" + SNAPSHOT_ENTRIES,
        "--experimental-watch-progress-notify-interval=PT2S",
        "--cert-file=" + certificate,
        "--key-file=" + key,
        "--trusted-ca-file=" + authority,
        "--peer-cert-file=" + certificate,
        "--peer-key-file=" + key,
        "--peer-trusted-ca-file=" + authority);
  }

  private String peer(int member) {
    return "https://" + network.address(member) + ":" + PEER_PORT;
  }

  Network network() {
    return network;
  }

  MemberProcess member(int index) {
    return members.get(index);
  }

  /** Starts what is dead. */
  void startAll() {
    members.forEach(MemberProcess::start);
  }

  /** A new connection to a member, for a client of its own. */
  ManagedChannel connect(int member) {
    return NettyChannelBuilder.forAddress(network.address(member), CLIENT_PORT)
        .sslContext(clientTls)
        .maxInboundMessageSize(64 << 20)
        .build();
  }

  /** A member's status; fails when it does not answer at once. */
  StatusResponse status(int member) {
    ManagedChannel channel = channels.get(member);
    channel.resetConnectBackoff();
    return MaintenanceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(1, TimeUnit.SECONDS)
        .status(StatusRequest.getDefaultInstance());
  }

  /** Who leads, by the member that knows of the newest term; empty when nobody knows. */
  OptionalInt leader() {
    long term = -1;
    OptionalInt leader = OptionalInt.empty();
    for (int member = 0; member < SIZE; member++) {
      try {
        StatusResponse status = status(member);
        if (status.getLeader() != 0
            && status.getLeader() == status.getHeader().getMemberId()
            && status.getRaftTerm() > term) {
          term = status.getRaftTerm();
          leader = OptionalInt.of(member);
        }
      } catch (StatusRuntimeException e) {
        // Dead, paused or not up yet: it leads nobody.
      }
    }
    return leader;
  }

  /** Waits until somebody leads. */
  int awaitLeader() {
    return Awaitility.await("a leader")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(this::leader, OptionalInt::isPresent)
        .getAsInt();
  }

  /** Waits until every member answers; a leader can be elected before all others are up. */
  private void awaitAnswers() {
    for (int i = 0; i < SIZE; i++) {
      int member = i;
      Awaitility.await("member " + member + " answers")
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(100))
          .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
          .until(() -> status(member).getLeader() != 0);
    }
  }

  /** The cluster's identity of a member. */
  long identity(int member) {
    return status(member).getHeader().getMemberId();
  }

  ManagedChannel channel(int member) {
    return channels.get(member);
  }

  /** Takes all the room there is on the small disk. */
  void fillSmallDisk() {
    onFullDisk = OptionalLong.of(member(SMALL).pid());
    Shell.run("dd if=/dev/zero of=" + ballast() + " bs=64k 2> /dev/null || true");
  }

  /** Gives the room back; fails if the member did not live through it. */
  void emptySmallDisk() {
    onFullDisk.ifPresent(pid -> {
      if (!member(SMALL).alive() || member(SMALL).pid() != pid) {
        throw new AssertionError("the member died of its full disk");
      }
    });
    onFullDisk = OptionalLong.empty();
    Shell.run("rm -f " + ballast());
  }

  private Path ballast() {
    return data(SMALL).resolve("ballast");
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    members.forEach(MemberProcess::resume);
    members.forEach(MemberProcess::kill);
    network.close();
  }
}
