package dev.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.deploy.host.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code cox} in a checkout of its own, whose build and JDK are made of a few words:
 * which copy of the build a program runs from, and what becomes of older copies.
 */
final class CoxScriptTest {
  /** What it prints is the command line that the script hands over to. */
  private static final String JAVA =
      """
      #!/bin/sh
      for argument in "$@"; do echo "$argument"; done
      """;

  @TempDir private Path checkout;

  @BeforeEach
  void layOut() throws IOException {
    Files.copy(Path.of("..", "cox"), checkout.resolve("cox"), StandardCopyOption.COPY_ATTRIBUTES);
    write("jdk/release", "JAVA_VERSION=\"25\"\n");
    program("jdk/bin/java", JAVA);
    program("jdk/bin/javac", JAVA);
    for (String file : List.of("all.flags", "cox.flags", "store.flags")) {
      write("deploy/target/coxswain/jvm/" + file, "-Xmx64m\n");
    }
    write("deploy/target/coxswain/native/forward.c", "int main() {}\n");
    build("first");
  }

  @Test
  void aProgramRunsFromACopyOfTheBuildThatTheNextBuildDoesNotTouch() throws IOException {
    Path first = distribution(cox("up"));
    assertThat(first).isNotEqualTo(checkout.resolve("deploy/target/coxswain"));
    assertThat(distribution(cox("up"))).as("the same build, the same copy").isEqualTo(first);

    build("second, longer");
    assertThat(distribution(cox("status"))).as("a look changes nothing").isEqualTo(first);
    Path second = distribution(cox("up"));
    assertThat(second).isNotEqualTo(first);
    assertThat(second.resolve("lib/coxswain-deploy-1.jar")).content().isEqualTo("second, longer");
    assertThat(distribution(cox("status"))).isEqualTo(second);
    assertThat(copies()).as("what nothing runs from is dropped").containsExactly(second);
  }

  @Test
  void aCopyIsKeptWhileSomethingRunsFromIt() throws Exception {
    Path first = distribution(cox("up"));
    program(checkout.relativize(first) + "/programs/forward", "#!/bin/sh\nsleep 60; exit\n");
    Process running = new ProcessBuilder(first.resolve("programs/forward").toString()).start();
    try {
      build("second, longer");
      Path second = distribution(cox("up"));
      assertThat(copies()).containsExactlyInAnyOrder(first, second);
    } finally {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly().waitFor();
    }
    cox("up");
    assertThat(copies()).doesNotContain(first).hasSize(1);
  }

  @Test
  void theProgramKnowsHowItWasCalled() {
    assertThat(cox("status")).contains("-Dcoxswain.command=" + checkout.resolve("cox"));
  }

  /** As after a bare {@code su}, which keeps the PATH of a user without the tools of root. */
  @Test
  void aPathWithoutTheToolsOfRootIsMadeWhole() {
    List<String> line =
        Shell.must(
                "env",
                "-i",
                "PATH=/nowhere",
                "JAVA_HOME=" + checkout.resolve("jdk"),
                "/bin/bash",
                checkout.resolve("cox").toString(),
                "status")
            .lines()
            .toList();
    assertThat(line).endsWith("dev.coxswain.deploy.Cox", "status");
  }

  @Test
  void aDaemonGetsItsOwnFlagsAndJars() {
    List<String> line = cox("store", "--name=one");
    assertThat(line)
        .anyMatch(argument -> argument.startsWith("@") && argument.endsWith("jvm/store.flags"))
        .anyMatch(argument -> argument.endsWith("/lib/coxswain-store-1.jar"))
        .endsWith("dev.coxswain.deploy.Cox", "store", "--name=one");
  }

  /** A build that differs from the last in the size of its jar. */
  private void build(String jar) throws IOException {
    for (String module : List.of("deploy", "runtime", "store")) {
      write("deploy/target/coxswain/lib/coxswain-" + module + "-1.jar", jar);
    }
    for (String library : List.of("bcpkix", "bcprov", "bcutil")) {
      write("deploy/target/coxswain/lib/" + library + "-1.jar", jar);
    }
    Path stamp = write("deploy/target/coxswain/built", "");
    // Newer than the sources, of which the script itself is one.
    Files.setLastModifiedTime(stamp, FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));
  }

  private List<String> cox(String... arguments) {
    var command = new java.util.ArrayList<>(List.of("env", "-u", "COX_HOME", "COX_TRAIN=no"));
    command.add("JAVA_HOME=" + checkout.resolve("jdk"));
    command.add(checkout.resolve("cox").toString());
    command.addAll(List.of(arguments));
    Shell.Result result = Shell.run(command);
    assertThat(result.succeeded()).as(result.err()).isTrue();
    return result.out().lines().toList();
  }

  private static Path distribution(List<String> commandLine) {
    String property = "-Dcoxswain.distribution=";
    return commandLine.stream()
        .filter(argument -> argument.startsWith(property))
        .map(argument -> Path.of(argument.substring(property.length())))
        .findFirst()
        .orElseThrow();
  }

  private Set<Path> copies() throws IOException {
    try (Stream<Path> entries = Files.list(checkout.resolve(".cox/program"))) {
      return entries
          .filter(entry -> Files.isDirectory(entry) && !Files.isSymbolicLink(entry))
          .collect(Collectors.toSet());
    }
  }

  private Path write(String name, String text) throws IOException {
    Path file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void program(String name, String text) throws IOException {
    Files.setPosixFilePermissions(write(name, text), PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
