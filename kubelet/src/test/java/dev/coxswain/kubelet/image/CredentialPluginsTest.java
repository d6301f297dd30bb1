package dev.coxswain.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.proto.cri.AuthConfig;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that give credentials, small shell scripts here, and what becomes of their answers. */
final class CredentialPluginsTest {
  private static final String PROTOCOL = "credentialprovider.kubelet.k8s.io/v1";

  @TempDir private Path folder = Path.of("");
  private final ManualTime time = new ManualTime();
  private final PluginCounts counts = new PluginCounts();
  private final Map<String, ServiceAccount> accounts = new HashMap<>();
  private String token = "token-1";

  @Test
  void aProgramIsAskedAsItsProtocolSays() throws Exception {
    CredentialProvider provider =
        program("answer", answer("Image", "r.example", "sailor"), "r.example");
    CredentialProvider told =
        new CredentialProvider(
            provider.name(),
            script(
                "answer",
                "cat > "
                    + folder
                    + "/asked; echo \"$1 $SHIP\" > "
                    + folder
                    + "/with\n"
                    + answer("Image", "r.example", "sailor")),
            provider.images(),
            provider.defaultCacheDuration(),
            PROTOCOL,
            List.of("get"),
            Map.of("SHIP", "brig"),
            null);
    assertThat(users(plugins(told), "r.example/a/b:1")).containsExactly("sailor");
    assertThat(Files.readString(folder.resolve("asked")))
        .isEqualTo(
            "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\""
                + PROTOCOL
                + "\",\"image\":\"r.example/a/b\"}\n");
    assertThat(Files.readString(folder.resolve("with"))).isEqualTo("get brig\n");
  }

  @Test
  void onlyForTheImagesThatItIsFor() throws Exception {
    CredentialPlugins plugins =
        plugins(program("answer", answer("Image", "*.example", "sailor"), "r.example/a"));
    assertThat(users(plugins, "r.example/b:1")).isEmpty();
    assertThat(users(plugins, "s.example/a:1")).isEmpty();
    assertThat(calls()).isZero();
    assertThat(users(plugins, "r.example/a:1")).containsExactly("sailor");
    assertThat(calls()).isEqualTo(1);
  }

  @Test
  void anAnswerIsKeptForWhatItSaysItIsFor() throws Exception {
    CredentialPlugins image =
        plugins(program("image", answer("Image", "r.example", "sailor"), "r.example"));
    users(image, "r.example/a:1");
    users(image, "r.example/a:2");
    assertThat(calls()).isEqualTo(1);
    users(image, "r.example/b:1");
    assertThat(calls()).isEqualTo(2);

    CredentialPlugins registry =
        plugins(program("registry", answer("Registry", "*.example", "sailor"), "*.example"));
    users(registry, "r.example/a:1");
    assertThat(users(registry, "r.example/b:1")).containsExactly("sailor");
    assertThat(calls()).isEqualTo(3);
    users(registry, "s.example/b:1");
    assertThat(calls()).isEqualTo(4);

    CredentialPlugins global =
        plugins(program("global", answer("Global", "*.example", "sailor"), "*.example"));
    users(global, "r.example/a:1");
    assertThat(users(global, "s.example/b:1")).containsExactly("sailor");
    assertThat(calls()).isEqualTo(5);
  }

  @Test
  void andForAsLongAsItSays() throws Exception {
    CredentialPlugins plugins =
        plugins(program("default", answer("Image", "r.example", "sailor"), "r.example"));
    users(plugins, "r.example/a:1");
    time.advance(Duration.ofMinutes(10));
    users(plugins, "r.example/a:1");
    assertThat(calls()).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    users(plugins, "r.example/a:1");
    assertThat(calls()).isEqualTo(2);

    CredentialPlugins own = plugins(program("own", lasting("30s"), "r.example"));
    users(own, "r.example/a:1");
    time.advance(Duration.ofSeconds(31));
    users(own, "r.example/a:1");
    assertThat(calls()).isEqualTo(4);

    CredentialPlugins never = plugins(program("never", lasting("0"), "r.example"));
    users(never, "r.example/a:1");
    assertThat(users(never, "r.example/a:1")).containsExactly("sailor");
    assertThat(calls()).isEqualTo(6);
  }

  @Test
  void whoAsksTheSameAtOnceSharesOneAnswer() throws Exception {
    Path gate = folder.resolve("gate");
    new ProcessBuilder("mkfifo", gate.toString()).start().waitFor();
    CredentialPlugins plugins =
        plugins(program("slow", "read go < " + gate + "\n" + lasting("0"), "r.example"));
    try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<String>>> answers = new ArrayList<>();
      Callable<List<String>> ask = () -> users(plugins, "r.example/a:1");
      List<Thread> waiting = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(
            askers.submit(() -> {
              synchronized (waiting) {
                waiting.add(Thread.currentThread());
              }
              return ask.call();
            }));
      }
      Awaitility.await()
          .until(() -> {
            synchronized (waiting) {
              return waiting.size() == 5
                  && waiting.stream().allMatch(CredentialPluginsTest::waitsForAnAnswer);
            }
          });
      Files.writeString(gate, "go\n");
      for (Future<List<String>> answer : answers) {
        assertThat(answer.get()).containsExactly("sailor");
      }
    }
    assertThat(calls()).isEqualTo(1);
  }

  /** Not for anything else on its way there. */
  private static boolean waitsForAnAnswer(Thread asker) {
    return asker.getState() == Thread.State.WAITING
        && Stream.of(asker.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(CompletableFuture.class.getName()));
  }

  @Test
  void whatIsNoAnswerIsAsIfThereWereNone() throws Exception {
    Map<String, String> programs = new HashMap<>();
    programs.put("fails", "echo no harbour >&2; exit 3");
    programs.put("silent", "");
    programs.put("garbled", "echo '{'");
    programs.put("strange", "echo '{\"kind\":\"Boat\",\"apiVersion\":\"" + PROTOCOL + "\"}'");
    programs.put("older", answer("Image", "r.example", "x").replace("k8s.io/v1", "k8s.io/v1beta1"));
    programs.put("keyless", answer("Ship", "r.example", "x"));
    programs.put("unknown", answer("Image", "r.example", "x").replace("auth", "cargo"));
    programs.put("endless", "exec cat /dev/zero");
    programs.put("timeless", lasting("soon"));
    programs.put(
        "empty", answer("Image", "r.example", "x").replaceFirst("\\{\"username.*?}", "null"));
    for (Map.Entry<String, String> program : programs.entrySet()) {
      assertThat(
              users(
                  plugins(program(program.getKey(), program.getValue(), "r.example")),
                  "r.example/a:1"))
          .as(program.getKey())
          .isEmpty();
    }
    CredentialPlugins gone = plugins(program("gone", "", "r.example"));
    Files.delete(folder.resolve("gone"));
    assertThat(users(gone, "r.example/a:1")).isEmpty();
  }

  @Test
  void aProgramHasAMinute() throws Exception {
    CredentialPlugins plugins =
        plugins(program("hangs", "sleep 1000 & echo $! > " + folder + "/child; wait", "r.example"));
    try (ExecutorService asker = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<String>> answer = asker.submit(() -> users(plugins, "r.example/a:1"));
      Path child = folder.resolve("child");
      Awaitility.await().until(() -> Files.exists(child) && !Files.readString(child).isBlank());
      Awaitility.await().until(() -> time.waiting() == 1);
      time.advance(Duration.ofSeconds(59));
      assertThat(answer.isDone()).isFalse();
      time.advance(Duration.ofSeconds(1));
      assertThat(answer.get()).isEmpty();
      long pid = Long.parseLong(Files.readString(child).strip());
      Awaitility.await().until(() -> !alive(pid));
    }
  }

  @Test
  void norHasWhatItLeavesBehindLonger() throws Exception {
    Path child = folder.resolve("child");
    // Nobody's child, as the one that began it has ended; it holds both outputs open.
    String leaves = "(sleep 1000 & echo $! > " + child + ")\nexec sleep 1000";
    CredentialPlugins plugins = plugins(program("leaves", leaves, "r.example"));
    try (ExecutorService asker = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<String>> answer = asker.submit(() -> users(plugins, "r.example/a:1"));
      Awaitility.await().until(() -> Files.exists(child) && !Files.readString(child).isBlank());
      Awaitility.await().until(() -> time.waiting() == 1);
      long left = Long.parseLong(Files.readString(child).strip());
      assertThat(alive(left)).isTrue();
      assertThat(readers("leaves")).hasSize(2);
      time.advance(Duration.ofMinutes(1));
      assertThat(answer.get()).isEmpty();
      Awaitility.await().until(() -> !alive(left));
      Awaitility.await().until(() -> readers("leaves").isEmpty());
    }
    assertThat(figures(counts, "leaves").errors()).isEqualTo(1);
  }

  private static boolean alive(long process) {
    return ProcessHandle.of(process).filter(ProcessHandle::isAlive).isPresent();
  }

  private static List<Thread> readers(String program) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("credential-plugin-" + program))
        .toList();
  }

  @Test
  void itsRunsAreCounted() throws Exception {
    CredentialPlugins sound =
        plugins(program("good", answer("Image", "r.example", "sailor"), "r.example"));
    users(sound, "r.example/a:1");
    users(plugins(program("bad", "exit 1", "r.example")), "r.example/a:1");
    users(plugins(program("garbled", "echo '{'", "r.example")), "r.example/a:1");
    assertThat(counts.all().keySet()).containsExactly("bad", "garbled", "good");
    PluginCounts.Figures good = figures(counts, "good");
    assertThat(good.runs()).isEqualTo(1);
    assertThat(good.errors()).isZero();
    assertThat(good.within().get(0.005)).as("by a clock that stands still").isEqualTo(1);
    assertThat(figures(counts, "bad").errors()).isEqualTo(1);
    assertThat(figures(counts, "garbled").errors()).as("that it ran is what counts").isZero();

    PluginCounts slow = new PluginCounts();
    slow.count("slow", Duration.ofMillis(300), false);
    slow.count("slow", Duration.ofSeconds(10), true);
    slow.count("slow", Duration.ofSeconds(60), true);
    PluginCounts.Figures figures = figures(slow, "slow");
    assertThat(figures.within()).containsEntry(0.25, 0L).containsEntry(0.5, 1L);
    assertThat(figures.within()).containsEntry(5.0, 1L).containsEntry(10.0, 2L);
    assertThat(figures.runs()).isEqualTo(3);
    assertThat(figures.seconds()).isEqualTo(70.3);
    assertThat(figures.errors()).isEqualTo(2);
  }

  private static PluginCounts.Figures figures(PluginCounts counts, String program) {
    return Objects.requireNonNull(counts.all().get(program));
  }

  @Test
  void theLongestPathComesFirstThenTheProgramsInTheirOrder() throws Exception {
    CredentialProvider first = program("first", answer("Image", "r.example", "wide"), "r.example");
    CredentialProvider second =
        program("second", answer("Image", "r.example/team", "close"), "r.example");
    CredentialProvider third = program("third", answer("Image", "*.example", "other"), "r.example");
    CredentialProvider fourth =
        program("fourth", answer("Image", "r.example", "last"), "r.example");
    assertThat(users(plugins(first, second, third, fourth), "r.example/team/a:1"))
        .containsExactly("close", "wide", "other", "last");
  }

  @Test
  void aPodsTokenIsToldAndItsAnswerIsItsAccounts() throws Exception {
    CredentialPlugins plugins = plugins(program(false, true));
    accounts.put("deck/cook", account("cook", Map.of("role", "galley", "other", "secret")));
    assertThat(users(plugins, pod("cook", "1"), "r.example/a:1")).containsExactly("sailor");
    assertThat(Files.readString(folder.resolve("asked")))
        .contains("\"serviceAccountToken\":\"token-1\"")
        .contains("\"serviceAccountAnnotations\":{\"role\":\"galley\"}");
    token = "token-2";
    users(plugins, pod("cook", "2"), "r.example/a:1");
    assertThat(calls()).isEqualTo(1);
    accounts.put("deck/mate", account("mate", Map.of("role", "bridge", "team", "port")));
    users(plugins, pod("mate", "3"), "r.example/a:1");
    assertThat(Files.readString(folder.resolve("asked")))
        .contains("\"serviceAccountAnnotations\":{\"role\":\"bridge\",\"team\":\"port\"}");
    assertThat(calls()).isEqualTo(2);
    accounts.put("deck/cook", account("cook", Map.of("role", "captain")));
    users(plugins, pod("cook", "4"), "r.example/a:1");
    assertThat(calls()).as("it has become another").isEqualTo(3);
  }

  @Test
  void orItsTokensAlone() throws Exception {
    CredentialPlugins plugins = plugins(program(true, true));
    accounts.put("deck/cook", account("cook", Map.of("role", "galley")));
    users(plugins, pod("cook", "1"), "r.example/a:1");
    users(plugins, pod("cook", "1"), "r.example/a:1");
    assertThat(calls()).isEqualTo(1);
    token = "token-2";
    users(plugins, pod("cook", "2"), "r.example/a:1");
    assertThat(calls()).isEqualTo(2);
  }

  @Test
  void aTokenThatComesBackAsAPasswordIsForNobodyElse() throws Exception {
    accounts.put("deck/cook", account("cook", Map.of("role", "galley")));
    token = "of sailor";
    assertThat(users(plugins(program(false, true)), pod("cook", "1"), "r.example/a:1")).isEmpty();
    assertThat(users(plugins(program(true, true)), pod("cook", "1"), "r.example/a:1"))
        .containsExactly("sailor");
  }

  @Test
  void whoHasNoAccountThatOptsInIsNotAskedFor() throws Exception {
    CredentialPlugins strict = plugins(program(false, true));
    assertThat(users(strict, pod(null, "1"), "r.example/a:1")).isEmpty();
    assertThat(users(strict, pod("nobody", "1"), "r.example/a:1")).isEmpty();
    accounts.put("deck/cook", account("cook", Map.of()));
    assertThat(users(strict, pod("cook", "1"), "r.example/a:1")).isEmpty();
    accounts.put("deck/cook", account("cook", Map.of("role", "galley")));
    token = "";
    assertThat(users(strict, pod("cook", "1"), "r.example/a:1")).isEmpty();
    assertThat(calls()).isZero();

    assertThat(users(plugins(program(false, false)), pod(null, "1"), "r.example/a:1"))
        .containsExactly("sailor");
    assertThat(Files.readString(folder.resolve("asked"))).doesNotContain("serviceAccount");
  }

  /** One that wants tokens. */
  private CredentialProvider program(boolean perToken, boolean required) throws IOException {
    CredentialProvider plain =
        program(
            "tokens",
            "cat > " + folder + "/asked\n" + answer("Registry", "r.example", "sailor"),
            "r.example");
    return new CredentialProvider(
        plain.name(),
        plain.program(),
        plain.images(),
        plain.defaultCacheDuration(),
        plain.apiVersion(),
        plain.arguments(),
        plain.environment(),
        new CredentialProvider.Token(
            "registry",
            required,
            perToken,
            required ? List.of("role") : List.of(),
            List.of("team")));
  }

  private CredentialProvider program(String name, String text, String images) throws IOException {
    return new CredentialProvider(
        name,
        script(name, text),
        List.of(RegistryPattern.parse(images).orElseThrow()),
        Duration.ofMinutes(10),
        PROTOCOL,
        List.of(),
        Map.of(),
        null);
  }

  /** A script that leaves a trace of each call. */
  private Path script(String name, String text) throws IOException {
    Path script = folder.resolve(name);
    Files.deleteIfExists(script);
    Files.createFile(
        script, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    return Files.writeString(script, "#!/bin/sh\necho >> " + folder + "/calls\n" + text + "\n");
  }

  private static String answer(String keyType, String registry, String user) {
    return answer(keyType, registry, user, "");
  }

  private static String lasting(String duration) {
    return answer("Image", "r.example", "sailor", "\"cacheDuration\":\"" + duration + "\",");
  }

  private static String answer(String keyType, String registry, String user, String more) {
    return "echo '{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\""
        + PROTOCOL
        + "\",\"cacheKeyType\":\""
        + keyType
        + "\","
        + more
        + "\"auth\":{\""
        + registry
        + "\":{\"username\":\""
        + user
        + "\",\"password\":\"of "
        + user
        + "\"}}}'";
  }

  private long calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  private CredentialPlugins plugins(CredentialProvider... providers) {
    return new CredentialPlugins(
        List.of(providers),
        new AccountTokens() {
          @Override
          public Optional<ServiceAccount> account(String namespace, String name) {
            return Optional.ofNullable(accounts.get(namespace + "/" + name));
          }

          @Override
          public String token(Pod pod, String audience) throws ConfigException {
            if (token.isEmpty()) {
              throw new ConfigException("none for " + audience);
            }
            return token;
          }
        },
        counts,
        time);
  }

  private static ServiceAccount account(String name, Map<String, String> annotations) {
    return new ServiceAccountBuilder()
        .withNewMetadata()
        .withNamespace("deck")
        .withName(name)
        .withUid("uid-of-" + name)
        .withAnnotations(annotations)
        .endMetadata()
        .build();
  }

  private static Pod pod(@Nullable String account, String uid) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("deck")
        .withName("pod-" + uid)
        .withUid(uid)
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName(account)
        .endSpec()
        .build();
  }

  private static List<String> users(CredentialPlugins plugins, String image)
      throws InterruptedException {
    return users(plugins, pod(null, "1"), image);
  }

  private static List<String> users(CredentialPlugins plugins, Pod pod, String image)
      throws InterruptedException {
    return plugins.matching(pod, ImageReference.parse(image).orElseThrow()).stream()
        .map(AuthConfig::getUsername)
        .toList();
  }
}
