package dev.coxswain.runtime.program;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A TCP port that the system gives to nobody else while this is open. Nobody listens at it, unless
 * the test does: the servers of the JDK and of Netty may have it besides, because this socket never
 * listens and leaves its address to be used again.
 */
public final class HeldPort implements AutoCloseable {
  private final Socket holder = new Socket();

  public HeldPort() throws IOException {
    holder.setReuseAddress(true);
    holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** The port. */
  public int number() {
    return holder.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    holder.close();
  }
}
