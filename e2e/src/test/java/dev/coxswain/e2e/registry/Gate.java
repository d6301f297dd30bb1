package dev.coxswain.e2e.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A registry whose images all are one of another registry's: {@code Gate <port> <image there>}. Who
 * asks for one is kept waiting until the gate is opened, and counted: {@code /most} tells how many
 * images were ever asked for at the same time, {@code /open} lets everybody through.
 */
public final class Gate {
  /** Less than the minute after which containerd takes a pull for stuck. */
  private static final int LONGEST_SECONDS = 30;

  private final String image;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final Set<String> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger most = new AtomicInteger();

  private Gate(String image) {
    this.image = image;
  }

  public static void main(String[] arguments) throws IOException {
    Gate gate = new Gate(arguments[1]);
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(arguments[0])), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/most", exchange -> answer(exchange, gate.most.toString()));
    server.createContext(
        "/open",
        exchange -> {
          gate.opened.countDown();
          answer(exchange, "open");
        });
    server.createContext("/v2/", gate::ask);
    server.start();
  }

  /** {@code /v2/<name>/manifests/<tag>} and its like. */
  private void ask(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/", 4);
    waiting.add(path[2]);
    most.accumulateAndGet(waiting.size(), Math::max);
    try {
      boolean _ = opened.await(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
    waiting.remove(path[2]);
    exchange.getResponseHeaders().set("Location", image + "/" + path[3]);
    exchange.sendResponseHeaders(307, -1);
    exchange.close();
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
