package dev.coxswain.kubelet.probe;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.proto.cri.ExecSyncResponse;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.grpc.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Runs one check of a probe. */
final class Checks {
  /** Of an exec probe's output, for events. */
  private static final int OUTPUT_CHARACTERS = 10 * 1024;

  private final ContainerRuntime runtime;

  Checks(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** Runs the check within the probe's timeout. */
  CheckResult run(Probe probe, Container container, String containerId, String podAddress) {
    Duration timeout = timeout(probe);
    if (probe.getExec() != null) {
      return exec(probe, containerId, timeout);
    }
    if (probe.getHttpGet() != null) {
      Optional<Integer> port = Ports.number(probe.getHttpGet().getPort(), container);
      return port.isPresent()
          ? HttpCheck.run(probe.getHttpGet(), port.get(), podAddress, timeout)
          : CheckResult.unknown("the probe's port is not a port of the container");
    }
    if (probe.getTcpSocket() != null) {
      Optional<Integer> port = Ports.number(probe.getTcpSocket().getPort(), container);
      String host = probe.getTcpSocket().getHost();
      return port.isPresent()
          ? tcp(host == null || host.isEmpty() ? podAddress : host, port.get(), timeout)
          : CheckResult.unknown("the probe's port is not a port of the container");
    }
    if (probe.getGrpc() != null) {
      return GrpcCheck.run(probe.getGrpc(), podAddress, timeout);
    }
    return CheckResult.unknown("the probe has no handler that this kubelet knows");
  }

  static Duration timeout(Probe probe) {
    Integer seconds = probe.getTimeoutSeconds();
    return Duration.ofSeconds(seconds == null || seconds < 1 ? 1 : seconds);
  }

  private CheckResult exec(Probe probe, String containerId, Duration timeout) {
    try {
      ExecSyncResponse response =
          runtime.execSync(containerId, probe.getExec().getCommand(), timeout);
      if (response.getExitCode() == 0) {
        return CheckResult.PASSED;
      }
      String output =
          response.getStdout().concat(response.getStderr()).toString(StandardCharsets.UTF_8);
      return CheckResult.failed(
          output.length() > OUTPUT_CHARACTERS ? output.substring(0, OUTPUT_CHARACTERS) : output);
    } catch (CriException failure) {
      if (failure.code() == Status.Code.DEADLINE_EXCEEDED) {
        return CheckResult.failed(
            "command timed out: \""
                + String.join(" ", probe.getExec().getCommand())
                + "\" timed out after "
                + timeout.toSeconds()
                + "s");
      }
      // Only a command that ran says something: one that the runtime cannot start does not, or a
      // slip in a probe's command would restart its container for ever.
      return CheckResult.unknown(String.valueOf(failure.getMessage()));
    }
  }

  private static CheckResult tcp(String host, int port, Duration timeout) {
    String address = (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), Math.toIntExact(timeout.toMillis()));
      return CheckResult.PASSED;
    } catch (SocketTimeoutException late) {
      return CheckResult.failed("dial tcp " + address + ": i/o timeout");
    } catch (ConnectException refused) {
      return CheckResult.failed("dial tcp " + address + ": connect: " + HttpCheck.words(refused));
    } catch (IOException | IllegalArgumentException failure) {
      return CheckResult.failed("dial tcp " + address + ": " + failure.getMessage());
    }
  }
}
