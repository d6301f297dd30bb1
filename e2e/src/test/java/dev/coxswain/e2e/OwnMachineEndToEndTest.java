package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What wants another kernel than that of the machine that tests: a bare Debian 12 of its own,
 * booted by its own systemd, becomes a cluster of one as on hosts of one's own, with cgroups of
 * version 2 and exports of NFS. By {@code -Dcoxswain.machine=own}, since it takes minutes and
 * fetches a Debian.
 */
final class OwnMachineEndToEndTest {
  private static final Duration LIMIT = Duration.ofMinutes(40);

  @TempDir private Path folder;

  @Test
  void aBareMachineBecomesAClusterAndComesBackAfterAReboot() throws IOException {
    assumeTrue(
        System.getProperty("coxswain.machine", "").equals("own"),
        "asked for by -Dcoxswain.machine=own");
    Shell shell = new Shell(Map.of("COX_HOME", folder.resolve("home").toString()));
    Path host = Files.createDirectories(folder.resolve("host"));
    Path resources = Repository.root().resolve("e2e/src/test/resources/dev/coxswain/e2e");
    shell
        .run(
            Duration.ofMinutes(5),
            List.of(
                "bash",
                "-euc",
                """
                "$0/cox" hosts --output "$1/made" --control-plane one=192.0.2.11 --node one=192.0.2.11
                cp -a "$0/deploy/target/coxswain" "$1/program"
                cp --dereference "$(command -v kubectl)" "$1/kubectl"
                cp "$2/own-machine-trial.sh" "$1/run.sh"
                """,
                Repository.root().toString(),
                host.toString(),
                resources.toString()))
        .orFail();
    Path kept = Files.createDirectories(Repository.root().resolve("e2e/target/own-machine"));
    Path work = Files.createDirectories(folder.resolve("work"));

    Shell.Outcome outcome =
        shell.run(
            LIMIT,
            List.of(
                "bash",
                resources.resolve("own-machine.sh").toString(),
                kept.toString(),
                work.toString(),
                host.toString()));

    String seen = outcome.told() + Files.readString(host.resolve("out.log"));
    assertThat(
            seen.lines().filter(line -> line.startsWith("fact: ")).map(line -> line.substring(6)))
        .as(seen)
        .anyMatch(fact -> fact.matches("groups: cgroup2fs, kernel 6\\..*, init systemd"))
        .anyMatch(fact ->
            fact.startsWith("the pod of before: ")
                && fact.endsWith("Pod was terminated in response to imminent node shutdown."))
        .contains(
            "pod: cpu.max max 100000, weight 4",
            "hog: OOMKilled",
            "before: 10000 100000 33554432",
            "after: 15000 100000 50331648, restarts 0",
            "usage is told: yes",
            "on the server: written below",
            "by the claim: written",
            "only read: written Read-only file system",
            "options: hard vers=4.1",
            "after its kubelet's death: written",
            "mounts of the one that stays: 1",
            "without the server the node tells its figures",
            "without the server a pod came and went",
            "without the server its pod went",
            "without the server the node is True",
            "with the server again: written",
            "no export is left mounted",
            "a pod runs after the reboot");
  }
}
