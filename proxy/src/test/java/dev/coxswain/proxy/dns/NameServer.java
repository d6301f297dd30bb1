package dev.coxswain.proxy.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Somebody else's name server, on a loopback socket. Of a few names it knows the records; it keeps
 * silent about the others, as one that waits for their owners in vain.
 */
final class NameServer implements AutoCloseable {
  private final DatagramSocket socket;
  private final Map<String, DnsAnswer> known;

  NameServer(Map<String, DnsAnswer> known) throws IOException {
    this.known = known;
    this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofVirtual().start(this::serve);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private void serve() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        DnsQuery query = DnsCodec.query(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        DnsAnswer answer = known.get(query.name());
        if (answer != null) {
          ByteBuffer told = DnsCodec.answer(query, answer, 512);
          byte[] bytes = new byte[told.remaining()];
          told.get(bytes);
          socket.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException | DnsCodec.MalformedException e) {
      socket.close();
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
