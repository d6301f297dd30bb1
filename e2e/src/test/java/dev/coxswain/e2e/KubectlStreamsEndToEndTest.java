package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What flows between a terminal and a container, by each protocol that a kubectl speaks: much of
 * it, both ways, to its end and cut off.
 */
@ExtendWith(SharedCluster.class)
final class KubectlStreamsEndToEndTest {
  /** How much larger everything is: four is what takes minutes on a busy machine. */
  private static final int SCALE = Integer.getInteger("coxswain.streams.scale", 1);

  /** Far more than any buffer on the way holds. */
  private static final int BYTES = 10_000_000 * SCALE;

  private static final int COPIED_BYTES = 50_000_000 * SCALE;
  private static final int CONNECTIONS = 60;
  private static final int ECHO_PORT = 9000;
  private static final int WEB_PORT = 8080;
  private static final Duration LIMIT = Cluster.PATIENCE;
  private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127.0.0.1:(\\d+) ");
  private static final String NAMESPACE = "streams";
  private static final String PODS =
      """
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: shell}
      spec:
        terminationGracePeriodSeconds: 0
        containers:
          - {name: shell, image: "coxswain/demo:1", command: [sh, -c, "while :; do sleep 1; done"]}
          - {name: web, image: "coxswain/demo:1", startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, failureThreshold: 180}}
          - {name: echo, image: "coxswain/demo:1", command: [sh, -c, "while :; do nc -ll -p 9000 -e cat; done"], startupProbe: {tcpSocket: {port: 9000}, periodSeconds: 1, failureThreshold: 180}}
      """;

  private static Cluster cluster;
  private static Path folder;
  private static Path file;

  /** A kubectl and the protocol of its streams. */
  enum Speaking {
    WHAT_THE_INSTALLED_ONE_SPEAKS(Kubectl.INSTALLED, ""),
    WEBSOCKET(Kubectl.NEWEST, "true"),
    SPDY(Kubectl.NEWEST, "false");

    private final Kubectl kubectl;
    private final String websockets;

    Speaking(Kubectl kubectl, String websockets) {
      this.kubectl = kubectl;
      this.websockets = websockets;
    }

    private Cluster cluster() {
      Map<String, String> environment = new HashMap<>(Map.of("KUBECTL", kubectl.program()));
      if (!websockets.isEmpty()) {
        environment.put("KUBECTL_REMOTE_COMMAND_WEBSOCKETS", websockets);
        environment.put("KUBECTL_PORT_FORWARD_WEBSOCKETS", websockets);
      }
      return cluster.using(kubectl, environment);
    }

    private Shell.Outcome tryKubectl(String... command) {
      return cluster().tryKubectl(words(command));
    }

    private String kubectl(String... command) {
      return tryKubectl(command).orFail();
    }

    /** A line for a shell, in which {@code $K} is kubectl in the namespace. */
    private Shell.Outcome shell(String line) {
      return cluster()
          .shell()
          .run(LIMIT, List.of("sh", "-c", "K=\"$KUBECTL -n " + NAMESPACE + "\"\n" + line));
    }

    /** A kubectl that goes on in the background; the caller ends it. */
    private Process start(Path in, Path out, Path errors, String... command) throws IOException {
      return cluster().shell().start(cluster().kubectlCommand(words(command)), in, out, errors);
    }
  }

  private static String[] words(String... command) {
    String[] words = new String[command.length + 2];
    words[0] = "-n";
    words[1] = NAMESPACE;
    System.arraycopy(command, 0, words, 2, command.length);
    return words;
  }

  @BeforeAll
  static void begin(Cluster shared, @TempDir Path temporary) throws IOException {
    cluster = shared;
    folder = temporary;
    byte[] noise = new byte[BYTES];
    new Random(1).nextBytes(noise);
    file = Files.write(folder.resolve("noise"), noise);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    cluster.apply(NAMESPACE, PODS);
    cluster.kubectl(words("wait", "--for=condition=Ready", "pod/shell", Cluster.PATIENTLY));
  }

  @AfterAll
  static void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private static Path scratch(String name) throws IOException {
    return Files.createTempFile(folder, name, "");
  }

  private static String sum() {
    return Speaking.SPDY.shell("md5sum < " + file).orFail();
  }

  @ParameterizedTest
  @EnumSource
  void muchGoesThroughACommandAndBack(Speaking speaking) {
    String sum = sum();
    assertThat(speaking.shell("$K exec -i shell -c shell -- md5sum < " + file).orFail())
        .isEqualTo(sum);
    assertThat(speaking.shell("$K exec -i shell -c shell -- cat < " + file + " | md5sum").orFail())
        .isEqualTo(sum);
    assertThat(
            speaking
                .shell(
                    "$K exec shell -c shell -- sh -c 'head -c 9000000 /dev/zero >&2' 2>&1 | wc -c")
                .orFail()
                .strip())
        .isEqualTo("9000000");
  }

  @ParameterizedTest
  @EnumSource
  void aLongCommandArrivesWhole(Speaking speaking) {
    String word = "long".repeat(5000);
    assertThat(speaking.kubectl("exec", "shell", "-c", "shell", "--", "echo", word).strip())
        .isEqualTo(word);
    String count = "for word; do n=$((n + 1)); done; echo $n";
    assertThat(
            speaking
                .shell("$K exec shell -c shell -- sh -c '" + count + "' sh $(seq 3000)")
                .orFail()
                .strip())
        .isEqualTo("3000");
  }

  @Test
  void aLargeFileIsCopiedBothWays() throws IOException {
    Path large = folder.resolve("large");
    try (OutputStream out = Files.newOutputStream(large)) {
      byte[] noise = Files.readAllBytes(file);
      for (int written = 0; written < COPIED_BYTES; written += noise.length) {
        out.write(noise);
      }
    }
    Speaking.WEBSOCKET.kubectl("cp", "-c", "shell", large.toString(), "shell:/tmp/large");
    Path back = folder.resolve("back");
    Speaking.WEBSOCKET.kubectl("cp", "-c", "shell", "shell:/tmp/large", back.toString());
    assertThat(back).hasSize(COPIED_BYTES).hasSameBinaryContentAs(large);
    Files.delete(large);
    Files.delete(back);
    Speaking.WEBSOCKET.kubectl("exec", "shell", "-c", "shell", "--", "rm", "/tmp/large");
  }

  @ParameterizedTest
  @EnumSource
  void aCommandsEndIsTold(Speaking speaking) {
    assertThat(exitCode(speaking, "exit 7")).isEqualTo(7);
    assertThat(exitCode(speaking, "kill -9 $$")).isEqualTo(137);
    Shell.Outcome missing = speaking.tryKubectl("exec", "shell", "-c", "shell", "--", "/nosuch");
    assertThat(missing.exitCode()).isNotZero();
    assertThat(missing.errors()).contains("/nosuch").contains("no such file or directory");
    assertThat(speaking.tryKubectl("exec", "nobody", "--", "true").errors())
        .contains("pods \"nobody\" not found");
    assertThat(speaking.tryKubectl("exec", "shell", "-c", "nowhere", "--", "true").errors())
        .contains("container nowhere is not valid for pod shell");
  }

  private static int exitCode(Speaking speaking, String script) {
    return speaking.tryKubectl("exec", "shell", "-c", "shell", "--", "sh", "-c", script).exitCode();
  }

  @ParameterizedTest
  @EnumSource
  void aTerminalHasItsSizeAndTellsOfItsChange(Speaking speaking) throws IOException {
    Path typescript = scratch("typescript");
    Shell.Outcome outcome =
        speaking.shell(
            "script -qefc '"
                // A typescript begins with this very line, which the pattern must not fit.
                + "stty rows 33 cols 77; (until grep -q \"33 7[7]\" "
                + typescript
                + "; do sleep 0.1; done; stty rows 44 cols 99 < /dev/tty) & "
                + "'\"$K\"' exec -it shell -c shell -- sh -c \""
                + "until stty size 2> /dev/null | grep -q ^33; do sleep 0.05; done; stty size; "
                // stty sets lines and columns by a call each, and each of them is news.
                + "until stty size | grep -qx 44.99; do sleep 0.05; done; "
                + "stty size; tty; exit 5\"' "
                + typescript);
    assertThat(outcome.output()).contains("33 77").contains("44 99").contains("/dev/pts/");
    assertThat(outcome.exitCode()).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatIsKilledLeavesTheOthersInPeace(Speaking speaking) throws Exception {
    for (int round = 0; round < 2; round++) {
      Path flooded = scratch("flooded");
      Process flood =
          speaking.start(
              file, flooded, scratch("errors"), "exec", "-i", "shell", "-c", "shell", "--", "cat");
      Cluster.eventually("bytes flow", () -> flooded.toFile().length() > 0);
      flood.destroyForcibly().waitFor();
    }
    assertThat(speaking.shell("$K exec -i shell -c shell -- md5sum < " + file).orFail())
        .isEqualTo(sum());
    assertThat(cluster.kubectl("get", "--raw", "/readyz")).isEqualTo("ok");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsTypedIntoAnAttachedProcessIsRead(Speaking speaking) {
    String pod = "listener-" + speaking.name().toLowerCase(Locale.ROOT).replace('_', '-');
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers:
            - {name: main, image: "coxswain/demo:1", stdin: true, stdinOnce: true, command: [sh, -c, "md5sum; exit 4"]}
        """
            .formatted(pod));
    cluster.kubectl(words("wait", "--for=condition=Ready", "pod/" + pod, Cluster.PATIENTLY));
    assertThat(speaking.shell("$K attach -i " + pod + " < " + file).orFail()).contains(sum());
    Cluster.eventually(
        "its end is told",
        () ->
            speaking
                .kubectl(
                    "get",
                    "pod",
                    pod,
                    "-o",
                    "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}")
                .equals("4"));
    assertThat(speaking.kubectl("logs", pod)).isEqualTo(sum());
  }

  /** A port-forward that runs while this is open. */
  private record Forward(Process process, int port, Path errors) implements AutoCloseable {
    static Forward open(Speaking speaking, int to) throws IOException {
      Path told = scratch("told");
      Path errors = scratch("errors");
      Process process =
          speaking.start(scratch("nothing"), told, errors, "port-forward", "pod/shell", ":" + to);
      Cluster.eventually("the port is open", () -> FORWARDING.matcher(text(told)).find());
      Matcher port = FORWARDING.matcher(text(told));
      assertThat(port.find()).isTrue();
      return new Forward(process, Integer.parseInt(port.group(1)), errors);
    }

    /** Whether all these bytes come back. */
    boolean echoes(byte[] sent) throws IOException, InterruptedException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout((int) LIMIT.toMillis());
        Thread writer = Thread.ofVirtual().start(() -> write(socket, sent));
        InputStream in = socket.getInputStream();
        boolean same = Arrays.equals(in.readNBytes(sent.length), sent);
        writer.join();
        return same;
      }
    }

    /** What a web server behind it answers on a connection of its own. */
    String page() throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout((int) LIMIT.toMillis());
        write(socket, "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  @ParameterizedTest
  @EnumSource
  void muchGoesThroughAForwardedPort(Speaking speaking) throws Exception {
    byte[] sent = Files.readAllBytes(file);
    try (Forward forward = Forward.open(speaking, ECHO_PORT)) {
      assertThat(forward.echoes(sent)).isTrue();
      assertThat(forward.echoes(sent)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyConnectionsGoThroughOneForwardedPort(Speaking speaking) throws Exception {
    try (Forward forward = Forward.open(speaking, WEB_PORT);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers =
          IntStream.range(0, CONNECTIONS)
              .mapToObj(ignored -> threads.submit(() -> forward.page()))
              .toList();
      for (Future<String> answer : answers) {
        assertThat(answer.get()).contains("shell");
      }
    }
  }

  /** Not over SPDY, where a connection's end looks to kubectl like the command's own. */
  @Test
  void whenTheApiServerDiesEveryStreamEndsAndSaysSo() throws Exception {
    Speaking speaking = Speaking.WEBSOCKET;
    Path nothing = scratch("nothing");
    Path ran = scratch("ran");
    Path execErrors = scratch("errors");
    Path logErrors = scratch("errors");
    try (Forward forward = Forward.open(speaking, ECHO_PORT);
        Socket open = new Socket(InetAddress.getLoopbackAddress(), forward.port())) {
      open.setSoTimeout((int) LIMIT.toMillis());
      write(open, new byte[] {1});
      assertThat(open.getInputStream().read()).isEqualTo(1);
      Process exec =
          speaking.start(
              nothing,
              ran,
              execErrors,
              "exec",
              "shell",
              "-c",
              "shell",
              "--",
              "sh",
              "-c",
              "while echo ahoy; do sleep 0.1; done");
      Process log =
          speaking.start(nothing, scratch("log"), logErrors, "logs", "-f", "shell", "-c", "shell");
      try {
        Cluster.eventually("the command runs", () -> text(ran).contains("ahoy"));
        String server = cluster.processes("apiserver").getFirst();
        cluster.cox("kill", server).orFail();
        try {
          assertThat(exec.waitFor()).isNotZero();
          assertThat(text(execErrors)).contains("error");
          log.waitFor();
          assertThat(open.getInputStream().read()).as("the forwarded connection").isNegative();
        } finally {
          cluster.cox("restart", server).orFail();
          Cluster.eventually(server + " is well again", () -> cluster.healthy(server));
        }
      } finally {
        exec.destroyForcibly();
        log.destroyForcibly();
      }
    }
    assertThat(exitCode(speaking, "exit 7")).isEqualTo(7);
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
    } catch (IOException closed) {
      // The reader says what it missed.
    }
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
