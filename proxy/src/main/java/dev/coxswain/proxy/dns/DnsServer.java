package dev.coxswain.proxy.dns;

import dev.coxswain.runtime.time.Time;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers DNS over UDP and TCP. One thread reads datagrams and answers cluster names in place,
 * since that is a look into a map; names that are forwarded, and connections, get virtual threads.
 */
public final class DnsServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DnsServer.class);

  /** Forwarded questions under way; more are told at once that it failed. */
  private static final int MAX_FORWARDS = 512;

  /** Connections at the same time; more are closed. */
  private static final int MAX_CONNECTIONS = 256;

  /** After this a silent connection is closed. */
  private static final Duration IDLE = Duration.ofSeconds(10);

  private static final int MAX_QUERY_BYTES = 4096;

  /** How many ports are tried where any will do: one that is free for TCP may not be for UDP. */
  private static final int MAX_PORTS = 16;

  /** What a loop waits after a failure, lest a lasting one (no file descriptors) spins. */
  private static final Duration AFTER_FAILURE = Duration.ofMillis(100);

  private final ClusterZone zone;
  private final Forwarder forwarder;
  private final Time time;
  private final DatagramChannel datagrams;
  private final ServerSocketChannel connections;
  private final Semaphore forwards = new Semaphore(MAX_FORWARDS);
  private final Semaphore connected = new Semaphore(MAX_CONNECTIONS);
  private volatile boolean closed;

  private DnsServer(
      ClusterZone zone,
      Forwarder forwarder,
      Time time,
      DatagramChannel datagrams,
      ServerSocketChannel connections) {
    this.zone = zone;
    this.forwarder = forwarder;
    this.time = time;
    this.datagrams = datagrams;
    this.connections = connections;
  }

  /** Binds both transports and starts to answer. Port 0 picks one for both. */
  public static DnsServer start(
      InetSocketAddress address, ClusterZone zone, Forwarder forwarder, Time time)
      throws IOException {
    int attempts = address.getPort() == 0 ? MAX_PORTS : 1;
    while (true) {
      attempts--;
      try {
        return bind(address, zone, forwarder, time);
      } catch (IOException e) {
        if (attempts == 0) {
          throw e;
        }
        log.debug("{}; another port is tried", e.getMessage());
      }
    }
  }

  private static DnsServer bind(
      InetSocketAddress address, ClusterZone zone, Forwarder forwarder, Time time)
      throws IOException {
    DatagramChannel datagrams = DatagramChannel.open();
    ServerSocketChannel connections = ServerSocketChannel.open();
    try {
      connections.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      connections.bind(address);
      datagrams.bind(connections.getLocalAddress());
    } catch (IOException e) {
      datagrams.close();
      connections.close();
      throw new IOException("cluster DNS cannot listen on " + address + ": " + e.getMessage(), e);
    }
    DnsServer server = new DnsServer(zone, forwarder, time, datagrams, connections);
    Thread.ofPlatform().name("dns-udp").daemon().start(server::readDatagrams);
    Thread.ofVirtual().name("dns-tcp").start(server::accept);
    return server;
  }

  /** Where it listens. */
  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) connections.getLocalAddress();
  }

  private void readDatagrams() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_QUERY_BYTES);
    while (!closed) {
      try {
        buffer.clear();
        SocketAddress client = datagrams.receive(buffer);
        if (client != null) {
          datagram(buffer.flip(), client);
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        // Such as an ICMP error about an earlier answer, or a bug that one query meets.
        log.warn("a DNS datagram was dropped: {}", e.toString());
        pause();
      }
    }
  }

  private void datagram(ByteBuffer message, SocketAddress client) throws IOException {
    ByteBuffer query = ByteBuffer.allocate(message.remaining()).put(message).flip();
    Reply reply = reply(query, false);
    switch (reply) {
      case Reply.Ready(ByteBuffer answer) -> datagrams.send(answer, client);
      case Reply.Later(Supplier<ByteBuffer> answer) ->
          Thread.ofVirtual()
              .start(() -> {
                try {
                  datagrams.send(answer.get(), client);
                } catch (IOException e) {
                  log.debug("an answer was not delivered: {}", e.toString());
                }
              });
      case Reply.Silence() -> {}
    }
  }

  /** What becomes of a message. */
  private sealed interface Reply {
    record Ready(ByteBuffer answer) implements Reply {}

    /** Another server is to be asked; blocks meanwhile. */
    record Later(Supplier<ByteBuffer> answer) implements Reply {}

    record Silence() implements Reply {}
  }

  private Reply reply(ByteBuffer message, boolean stream) {
    DnsQuery query;
    try {
      query = DnsCodec.query(message.duplicate());
    } catch (DnsCodec.MalformedException e) {
      @Nullable ByteBuffer error = DnsCodec.formatError(message);
      return error == null ? new Reply.Silence() : new Reply.Ready(error);
    }
    int limit = stream ? DnsCodec.MAX_TCP_SIZE : query.udpSize();
    if (query.opcode() != 0) {
      return new Reply.Ready(
          DnsCodec.answer(query, DnsAnswer.of(ResponseCode.NOT_IMPLEMENTED), limit));
    }
    if (query.ednsVersion() != 0) {
      return new Reply.Ready(DnsCodec.answer(query, DnsAnswer.of(ResponseCode.BAD_VERSION), limit));
    }
    if (query.dnsClass() == DnsQuery.INTERNET) {
      Optional<DnsAnswer> answer = zone.answer(query);
      if (answer.isPresent()) {
        Optional<String> further =
            zone.continued(query, answer.get())
                .filter(name -> query.recursionDesired() && forwarder.available());
        return further.isPresent()
            ? new Reply.Later(() -> continued(query, answer.get(), further.get(), limit))
            : new Reply.Ready(DnsCodec.answer(query, answer.get(), limit));
      }
      if (forwarder.available()) {
        return new Reply.Later(() -> forward(query, message, stream));
      }
    }
    return new Reply.Ready(
        DnsCodec.answer(query, DnsAnswer.of(ResponseCode.SERVER_FAILURE), limit));
  }

  private ByteBuffer forward(DnsQuery query, ByteBuffer message, boolean stream) {
    @Nullable ByteBuffer answer = ask(message, stream);
    return answer != null
        ? answer
        : DnsCodec.answer(query, DnsAnswer.of(ResponseCode.SERVER_FAILURE), query.udpSize());
  }

  private @Nullable ByteBuffer ask(ByteBuffer message, boolean stream) {
    if (!forwards.tryAcquire()) {
      return null;
    }
    try {
      return forwarder.ask(message, stream);
    } finally {
      forwards.release();
    }
  }

  /**
   * The zone's aliases with what they stand for outside of it. Clients do not ask on: who gets an
   * alias alone of a server that they asked to recurse takes that for the whole answer.
   */
  private ByteBuffer continued(DnsQuery query, DnsAnswer begun, String name, int limit) {
    List<DnsRecord> records = new ArrayList<>(begun.answers());
    ByteBuffer question = DnsCodec.question(query.id(), name, query.type());
    @Nullable ByteBuffer answer = ask(question, false);
    if (answer != null && DnsCodec.truncated(answer)) {
      @Nullable ByteBuffer whole = ask(question, true);
      answer = whole == null ? answer : whole;
    }
    try {
      if (answer != null) {
        records.addAll(DnsCodec.records(answer, query.type()));
      }
    } catch (DnsCodec.MalformedException e) {
      log.debug("the answer about {} cannot be read: {}", name, e.getMessage());
    }
    return DnsCodec.answer(
        query, new DnsAnswer(begun.code(), true, records, List.of(), List.of()), limit);
  }

  private void accept() {
    while (!closed) {
      try {
        SocketChannel client = connections.accept();
        if (connected.tryAcquire()) {
          Thread.ofVirtual().start(() -> serve(client));
        } else {
          client.close();
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        log.warn("a DNS connection was not accepted: {}", e.toString());
        pause();
      }
    }
  }

  private void pause() {
    try {
      time.sleep(AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        Socket socket = client.socket()) {
      socket.setSoTimeout((int) IDLE.toMillis());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (!closed) {
        int length = in.readUnsignedShort();
        if (length > MAX_QUERY_BYTES) {
          return;
        }
        byte[] message = new byte[length];
        in.readFully(message);
        ByteBuffer query = ByteBuffer.wrap(message);
        ByteBuffer answer =
            switch (reply(query, true)) {
              case Reply.Ready(ByteBuffer ready) -> ready;
              case Reply.Later(Supplier<ByteBuffer> later) -> later.get();
              case Reply.Silence() -> ByteBuffer.allocate(0);
            };
        if (!answer.hasRemaining()) {
          return;
        }
        ByteBuffer framed = ByteBuffer.allocate(answer.remaining() + 2);
        framed.putShort((short) answer.remaining()).put(answer);
        socket.getOutputStream().write(framed.array());
      }
    } catch (IOException e) {
      // The usual end: the client hung up or fell silent.
      log.trace("a DNS connection ended: {}", e.toString());
    } finally {
      connected.release();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    datagrams.close();
    connections.close();
  }
}
