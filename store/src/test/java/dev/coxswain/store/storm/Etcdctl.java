package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Debian's etcdctl. */
final class Etcdctl {
  private static final int TOOL_SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private Etcdctl() {}

  /** What a tool printed, and its exit code. */
  record Result(int code, String output) {
    String ok() {
      assertThat(code).as(output).isZero();
      return output;
    }

    String refused() {
      assertThat(code).as(output).isNotZero();
      return output;
    }
  }

  /** Runs a command against one member. */
  static Result ctl(Host host, String... arguments) {
    List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + host.clientUrl()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("still running: " + command);
      }
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new IllegalStateException("etcdctl is needed (Debian: etcd-client)", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Waits until a member takes writes. */
  static void awaitWrites(Host host) {
    Awaitility.await("writes at " + host.name())
        .atMost(PATIENCE)
        .until(() -> ctl(host, "put", "probe", "x").code() == 0);
  }

  /** Waits until a member lists so many that have started. */
  static void awaitStarted(Host host, int members) {
    Awaitility.await(members + " members")
        .atMost(PATIENCE)
        .until(() ->
            ctl(host, "member", "list")
                    .output()
                    .lines()
                    .filter(line -> line.contains(", started,"))
                    .count()
                == members);
  }
}
