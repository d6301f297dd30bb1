package dev.coxswain.runtime.client;

import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.runtime.tls.TlsTrust;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API servers of a client and the connections to the one in use. It stays with a server while
 * that one answers; a server that cannot be reached, or that lets several deadlines in a row pass
 * (as one does whose machine has gone without a word), is left for the next, together with all its
 * connections, so that watches that hang on it break and come along.
 */
final class Servers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Servers.class);

  /** One slow answer is no reason to drop every watch; this many with nothing between are. */
  private static final int SILENT_CALLS_LIMIT = 2;

  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(4);
  private static final Executor VIRTUAL = task -> Thread.ofVirtual().name("api-client").start(task);

  private final List<URI> servers;
  private final @Nullable TlsIdentity identity;
  private final @Nullable TlsTrust trust;
  private SSLContext tls;
  private int current;
  private int silentCalls;
  private boolean away;
  private boolean closed;
  private @Nullable Connection connection;

  Servers(Kubeconfig config) {
    servers = config.servers();
    identity =
        config.certificate() == null || config.key() == null
            ? null
            : new TlsIdentity(config.certificate(), config.key());
    trust = config.authorities() == null ? null : new TlsTrust(config.authorities());
    tls = Tls.context(identity, trust);
  }

  /** The server in use with its pool of connections. */
  record Connection(URI server, HttpClient client) {}

  int count() {
    return servers.size();
  }

  synchronized Connection connection() {
    if (closed) {
      throw new IllegalStateException("the API client is closed");
    }
    if (connection == null) {
      URI server = servers.get(current);
      HttpClient client =
          HttpClient.newBuilder()
              .sslContext(tls)
              .connectTimeout(CONNECT_DEADLINE)
              .executor(VIRTUAL)
              .version(
                  "https".equals(server.getScheme())
                      ? HttpClient.Version.HTTP_2
                      : HttpClient.Version.HTTP_1_1)
              .build();
      connection = new Connection(server, client);
    }
    return connection;
  }

  /** The server answered, whatever it said. */
  synchronized void answered(Connection used) {
    silentCalls = 0;
    if (away) {
      away = false;
      LOG.info("API server {} answers again", used.server());
    }
  }

  /** The server could not be reached, or broke a connection. */
  synchronized void failed(Connection used, String reason) {
    if (used.equals(connection)) {
      leave(used, reason);
    }
  }

  /** The server let a call's deadline pass. */
  synchronized void silent(Connection used) {
    if (used.equals(connection) && ++silentCalls >= SILENT_CALLS_LIMIT) {
      leave(used, "it accepts connections but does not answer");
    }
  }

  /** Begins anew: a session that is resumed would still be the former certificate's. */
  void reconnect() {
    Connection former;
    synchronized (this) {
      tls = Tls.context(identity, trust);
      former = connection;
      connection = null;
    }
    if (former != null) {
      VIRTUAL.execute(former.client()::shutdownNow);
    }
  }

  private void leave(Connection used, String reason) {
    silentCalls = 0;
    if (!away && !closed) {
      away = true;
      LOG.warn("API server {} is away: {}", used.server(), reason);
    }
    connection = null;
    current = (current + 1) % servers.size();
    // Never on this thread: it waits for the client's own.
    VIRTUAL.execute(used.client()::shutdownNow);
  }

  @Override
  public void close() {
    Connection open;
    synchronized (this) {
      closed = true;
      open = connection;
      connection = null;
    }
    if (open != null) {
      open.client().shutdownNow();
    }
  }
}
