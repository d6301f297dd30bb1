package dev.coxswain.proxy.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coxswain.api.meta.ObjectKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says, at the {@code healthCheckNodePort} of each Service that has one, whether this node has
 * ready endpoints of it: 200 where it has, else 503. The body is that of kube-proxy, which some
 * balancers read. Whoever reaches the node may ask: that is what the port is for. One owner thread.
 */
public final class HealthPorts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HealthPorts.class);

  /** Connections that wait to be accepted. */
  private static final int BACKLOG = 16;

  private final ToIntFunction<ObjectKey> localEndpoints;
  private final BooleanSupplier proxyIsWell;
  private final Map<ObjectKey, Opened> opened = new HashMap<>();

  private record Opened(int port, HttpServer server) {}

  /**
   * Without ports at first.
   *
   * @param localEndpoints how many ready endpoints of a service are on this node
   * @param proxyIsWell whether what this node says of endpoints is what its rules do
   */
  public HealthPorts(ToIntFunction<ObjectKey> localEndpoints, BooleanSupplier proxyIsWell) {
    this.localEndpoints = localEndpoints;
    this.proxyIsWell = proxyIsWell;
  }

  /** Listens at these ports alone. One that is taken is tried again when this is called again. */
  public void apply(Map<ObjectKey, Integer> wanted) {
    for (Iterator<Map.Entry<ObjectKey, Opened>> all = opened.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<ObjectKey, Opened> one = all.next();
      if (!Integer.valueOf(one.getValue().port()).equals(wanted.get(one.getKey()))) {
        one.getValue().server().stop(0);
        all.remove();
      }
    }
    wanted.forEach((service, port) -> {
      if (!opened.containsKey(service)) {
        open(service, port);
      }
    });
  }

  private void open(ObjectKey service, int port) {
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(port), BACKLOG);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", exchange -> answer(service, exchange));
      server.start();
      opened.put(service, new Opened(port, server));
    } catch (IOException e) {
      log.warn(
          "the health of service {} cannot be asked at port {}: {}", service, port, e.getMessage());
    }
  }

  private void answer(ObjectKey service, HttpExchange exchange) throws IOException {
    try (exchange) {
      int count = localEndpoints.applyAsInt(service);
      boolean well = proxyIsWell.getAsBoolean();
      byte[] body =
          """
          {
          \t"service": {
          \t\t"namespace": "%s",
          \t\t"name": "%s"
          \t},
          \t"localEndpoints": %d,
          \t"serviceProxyHealthy": %s
          }\
          """
              .formatted(service.namespace(), service.name(), count, well)
              .getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("X-Load-Balancing-Endpoint-Weight", "" + count);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(count > 0 && well ? 200 : 503, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    apply(Map.of());
  }
}
