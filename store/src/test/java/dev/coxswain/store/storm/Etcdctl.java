package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Debian's etcdctls. */
enum Etcdctl {
  /** The one that is installed; Debian 12 has 3.4. */
  INSTALLED("etcdctl"),

  /**
   * That of Debian's newest suite, 3.5, if it is there: {@code .ci/newest
   * store/target/newest-etcd-client etcd-client} fetches it, and {@code -Dcoxswain.etcdctl.newest}
   * names another place.
   */
  NEWEST(
      Path.of(
              System.getProperty(
                  "coxswain.etcdctl.newest", "target/newest-etcd-client/usr/bin/etcdctl"))
          .toAbsolutePath()
          .toString());

  private static final int TOOL_SECONDS = 30;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Longer than a member makes anybody wait: what the tests want to see is its answer. */
  private static final String COMMAND_TIMEOUT = "--command-timeout=30s";

  private static final String BORDERS = "┌┬┐├┼┤└┴┘─│";
  private static final String OLD_BORDERS = "+++++++++-|";
  private static final Pattern ADVICE =
      Pattern.compile("Deprecated: Use `etcdutl [^`]*` instead\\.\\n\\n");

  private final String program;

  Etcdctl(String program) {
    this.program = program;
  }

  /** The name or path of the program. */
  String program() {
    return program;
  }

  /** Whether it can be run here. The installed one is needed and not asked for. */
  boolean present() {
    return this == INSTALLED || Files.isExecutable(Path.of(program));
  }

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

  /** Runs a command of the installed one against one member. */
  static Result ctl(Host host, String... arguments) {
    return INSTALLED.run(host, arguments);
  }

  /** Runs a command against one member. */
  Result run(Host host, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(program, "--endpoints=" + host.clientUrl(), COMMAND_TIMEOUT));
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
      return new Result(process.exitValue(), asOfOld(output));
    } catch (IOException e) {
      throw new IllegalStateException("etcdctl is needed (Debian: etcd-client)", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Newer ones draw tables with other lines, and say which tool is to follow. */
  private static String asOfOld(String output) {
    String old = ADVICE.matcher(output).replaceFirst("");
    for (int i = 0; i < BORDERS.length(); i++) {
      old = old.replace(BORDERS.charAt(i), OLD_BORDERS.charAt(i));
    }
    return old;
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
