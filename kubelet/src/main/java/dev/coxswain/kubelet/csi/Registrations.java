package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.cri.LocalChannel;
import dev.coxswain.proto.csi.InfoRequest;
import dev.coxswain.proto.csi.NodeGetInfoResponse;
import dev.coxswain.proto.csi.PluginInfo;
import dev.coxswain.proto.csi.RegistrationGrpc;
import dev.coxswain.proto.csi.RegistrationStatus;
import dev.coxswain.runtime.client.Backoff;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks plugins who they are and takes CSI drivers on. A plugin that does not answer is asked again
 * as long as its socket is there.
 */
public final class Registrations {
  private static final Logger LOG = LoggerFactory.getLogger(Registrations.class);
  private static final String CSI = "CSIPlugin";
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final Drivers drivers;
  private final Time time;
  private final Randomness random;

  /** By socket; as many as there are sockets. */
  private final Map<Path, Registration> current = new HashMap<>();

  private boolean closed;

  /** Takes drivers on here. */
  public Registrations(Drivers drivers, Time time, Randomness random) {
    this.drivers = drivers;
    this.time = time;
    this.random = random;
  }

  /** A try to take a plugin on, and what came of it; the driver is guarded by the outer object. */
  private static final class Registration {
    private @Nullable Thread thread;
    private @Nullable Driver driver;
  }

  /** A socket is there. */
  synchronized void begin(Path socket) {
    if (closed) {
      return;
    }
    Registration registration = new Registration();
    current.put(socket, registration);
    registration.thread =
        Thread.ofVirtual()
            .name("plugin-" + socket.getFileName())
            .start(() -> run(socket, registration));
  }

  /** A socket is gone. */
  synchronized void end(Path socket) {
    @Nullable Registration registration = current.remove(socket);
    if (registration == null) {
      return;
    }
    if (registration.thread != null) {
      registration.thread.interrupt();
    }
    if (registration.driver != null) {
      LOG.info("Driver {} is gone", registration.driver.name());
      drivers.remove(registration.driver);
    }
  }

  synchronized void close() {
    closed = true;
    current.values().stream()
        .map(registration -> registration.thread)
        .forEach(thread -> {
          if (thread != null) {
            thread.interrupt();
          }
        });
    current.clear();
    drivers.close();
  }

  private void run(Path socket, Registration registration) {
    Backoff pause = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random);
    try {
      while (true) {
        try {
          register(socket, registration);
          return;
        } catch (IOException | StatusRuntimeException failure) {
          LOG.warn("The plugin at {} cannot be registered: {}", socket, failure.getMessage());
        } catch (RuntimeException bug) {
          LOG.error("The plugin at {} cannot be registered: {}", socket, Rounds.line(bug));
        }
        time.sleep(pause.next());
      }
    } catch (InterruptedException gone) {
      Thread.currentThread().interrupt();
    }
  }

  private void register(Path socket, Registration registration) throws IOException {
    try (LocalChannel channel = new LocalChannel(socket.toString())) {
      PluginInfo info = stub(channel).getInfo(InfoRequest.getDefaultInstance());
      RegistrationStatus.Builder status = RegistrationStatus.newBuilder();
      try {
        Driver driver = driver(info, socket);
        take(driver, socket, registration);
        status.setPluginRegistered(true);
      } catch (IOException refused) {
        status.setError(String.valueOf(refused.getMessage()));
        tell(channel, status.build());
        throw refused;
      }
      tell(channel, status.build());
    }
  }

  private static void tell(LocalChannel channel, RegistrationStatus status) {
    stub(channel).notifyRegistrationStatus(status);
  }

  private static Driver driver(PluginInfo info, Path socket) throws IOException {
    if (!info.getType().equals(CSI)) {
      throw new IOException("plugins of type \"" + info.getType() + "\" are not supported");
    }
    if (info.getSupportedVersionsList().stream().noneMatch(Registrations::known)) {
      throw new IOException(
          "none of the versions " + info.getSupportedVersionsList() + " is supported: CSI v1 is");
    }
    NodePlugin plugin =
        new NodePlugin(info.getEndpoint().isEmpty() ? socket.toString() : info.getEndpoint());
    try {
      NodeGetInfoResponse node = plugin.info();
      return new Driver(
          info.getName(),
          node.getNodeId(),
          node.getMaxVolumesPerNode(),
          node.getAccessibleTopology().getSegmentsMap(),
          plugin.capabilities(),
          plugin);
    } catch (CsiException failure) {
      plugin.close();
      throw failure;
    }
  }

  private static boolean known(String version) {
    return version.matches("v?1(\\..*)?");
  }

  private synchronized void take(Driver driver, Path socket, Registration registration)
      throws IOException {
    if (current.get(socket) != registration) {
      driver.plugin().close();
      throw new IOException("the socket is gone");
    }
    registration.driver = driver;
    LOG.info("Driver {} has registered; it calls this node {}", driver.name(), driver.nodeId());
    drivers.put(driver);
  }

  private static RegistrationGrpc.RegistrationBlockingStub stub(LocalChannel channel) {
    return RegistrationGrpc.newBlockingStub(channel.grpc())
        .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
  }
}
