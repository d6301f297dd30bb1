package dev.coxswain.proxy.dns;

import dev.coxswain.runtime.time.Time;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the node's own name servers about names outside the cluster; blocks its caller. */
public final class Forwarder {
  private static final Logger log = LoggerFactory.getLogger(Forwarder.class);
  private static final int PORT = 53;

  /** Two servers fit into a client's usual five seconds. */
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  /**
   * A silent server is left alone for this long, so that clients hear at once that nobody answers.
   */
  private static final Duration PENALTY = Duration.ofSeconds(10);

  /**
   * One that says at once that it is not there, as a local one does that is being restarted, costs
   * nobody any time: it is asked again soon.
   */
  private static final Duration SHORT_PENALTY = Duration.ofSeconds(1);

  /**
   * Every server has an answer to this, be it a refusal: who serves the root? Names there are
   * without number whose own servers are slow or dead; a server that waits for these is well.
   */
  private static final ByteBuffer PROBE = DnsCodec.question(1, "", RecordType.NS);

  private final Time time;
  private final Duration deadline;
  private volatile List<Server> servers;

  /** One name server and until when it is left alone. */
  private static final class Server {
    final InetSocketAddress address;
    volatile long restsUntil;
    volatile boolean resting;
    final AtomicBoolean probed = new AtomicBoolean();

    Server(InetSocketAddress address) {
      this.address = address;
    }
  }

  /**
   * A forwarder.
   *
   * @param addresses of servers, asked in this order
   */
  public Forwarder(List<String> addresses, Time time) {
    this(sockets(addresses), DEADLINE, time);
  }

  /** For servers at any port, who get so much time each. */
  Forwarder(List<InetSocketAddress> addresses, Duration deadline, Time time) {
    this.time = time;
    this.deadline = deadline;
    this.servers = addresses.stream().map(Server::new).toList();
  }

  private static List<InetSocketAddress> sockets(List<String> addresses) {
    return addresses.stream()
        .map(address -> new InetSocketAddress(InetAddress.ofLiteral(address), PORT))
        .toList();
  }

  /**
   * From now on asks these servers. None at all are no news: somebody is just writing the file, or
   * has no network.
   */
  public void use(List<String> addresses) {
    replace(sockets(addresses));
  }

  void replace(List<InetSocketAddress> addresses) {
    List<Server> former = servers;
    if (addresses.isEmpty()
        || addresses.equals(former.stream().map(server -> server.address).toList())) {
      return;
    }
    log.info("foreign names are asked of {} from now on", addresses);
    servers =
        addresses.stream()
            .map(address ->
                former.stream()
                    .filter(server -> server.address.equals(address))
                    .findFirst()
                    .orElseGet(() -> new Server(address)))
            .toList();
  }

  /** Whether there is anybody to ask. */
  boolean available() {
    return servers.stream().anyMatch(this::usable);
  }

  private boolean usable(Server server) {
    return !server.resting || time.nanos() - server.restsUntil >= 0;
  }

  /** The answer to a query's bytes, or null when no server gave one. */
  @Nullable ByteBuffer ask(ByteBuffer query, boolean stream) {
    byte[] bytes = bytes(query);
    for (Server server : servers) {
      if (!usable(server)) {
        continue;
      }
      try {
        ByteBuffer answer = stream ? overTcp(server, bytes) : overUdp(server, bytes);
        server.resting = false;
        return answer;
      } catch (SocketTimeoutException e) {
        // Is it the server, or the name?
        probe(server);
      } catch (IOException e) {
        if (stream) {
          // Some servers do not take connections.
          probe(server);
        } else {
          rest(server, e);
        }
      }
    }
    return null;
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    return bytes;
  }

  /** Leaves a server alone unless it answers what it must know; returns at once. */
  private void probe(Server server) {
    if (!server.probed.compareAndSet(false, true)) {
      return;
    }
    Thread.ofVirtual()
        .name("name-server-probe")
        .start(() -> {
          try {
            overUdp(server, bytes(PROBE));
            server.resting = false;
          } catch (IOException e) {
            rest(server, e);
          } finally {
            server.probed.set(false);
          }
        });
  }

  private void rest(Server server, IOException why) {
    if (!server.resting) {
      log.warn(
          "name server {} does not answer: {}",
          server.address.getAddress().getHostAddress(),
          Objects.requireNonNullElse(why.getMessage(), "nobody listens there"));
    }
    Duration penalty = why instanceof SocketTimeoutException ? PENALTY : SHORT_PENALTY;
    server.restsUntil = time.nanos() + penalty.toNanos();
    server.resting = true;
  }

  private ByteBuffer overUdp(Server server, byte[] query) throws IOException {
    // A socket of its own: the port that the system picks is what makes answers hard to forge.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(server.address);
      socket.send(new DatagramPacket(query, query.length));
      byte[] buffer = new byte[DnsCodec.MAX_TCP_SIZE];
      long end = time.nanos() + deadline.toNanos();
      while (true) {
        long left = (end - time.nanos()) / 1_000_000;
        if (left <= 0) {
          throw new SocketTimeoutException("nothing within " + deadline.toMillis() + " ms");
        }
        socket.setSoTimeout((int) left);
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        if (answers(query, buffer, packet.getLength())) {
          return ByteBuffer.wrap(buffer, 0, packet.getLength());
        }
      }
    }
  }

  /** The same id and the same question. */
  private static boolean answers(byte[] query, byte[] answer, int length) {
    int questionEnd = 12;
    while (questionEnd < query.length && query[questionEnd] != 0) {
      questionEnd += 1 + (query[questionEnd] & 0x3f);
    }
    questionEnd += 5;
    if (length < questionEnd || questionEnd > query.length || (answer[2] & 0x80) == 0) {
      return length >= 12
          && sameId(query, answer)
          && (answer[2] & 0x80) != 0
          && length < questionEnd;
    }
    if (!sameId(query, answer)) {
      return false;
    }
    for (int index = 12; index < questionEnd; index++) {
      if (lower(query[index]) != lower(answer[index])) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameId(byte[] query, byte[] answer) {
    return query[0] == answer[0] && query[1] == answer[1];
  }

  private static int lower(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter;
  }

  private ByteBuffer overTcp(Server server, byte[] query) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(server.address, (int) deadline.toMillis());
      socket.setSoTimeout((int) deadline.toMillis());
      OutputStream out = socket.getOutputStream();
      ByteBuffer framed = ByteBuffer.allocate(query.length + 2);
      framed.putShort((short) query.length).put(query);
      out.write(framed.array());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return ByteBuffer.wrap(answer);
    }
  }
}
