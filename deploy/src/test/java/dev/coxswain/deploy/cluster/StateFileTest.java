package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.ProcessRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFileTest {
  private static final ProcessRef GONE = new ProcessRef(1, 1, "another boot");
  private static final ClusterState STATE =
      ClusterState.of(new ClusterSpec("00000a", 7, 6443, 1, 2, null))
          .withLan(GONE)
          .withMachine("node-1", GONE)
          .withProcess(new ManagedProcess("store-1", "store", "control-plane-1", GONE))
          .withProcess(new ManagedProcess("kubelet-1", "kubelet", "node-1", GONE))
          .withProcess(new ManagedProcess("kubelet-2", "kubelet", "node-2", GONE));

  @TempDir private Path directory;

  @Test
  void whatIsWrittenIsReadBack() {
    Path file = directory.resolve("home/state.json");
    assertThat(StateFile.open(file)).isEmpty();
    StateFile.create(file, STATE);
    assertThat(StateFile.open(file).orElseThrow().current()).isEqualTo(STATE);
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("state.json"), "{\"spec\": ");
    assertThatThrownBy(() -> StateFile.open(file))
        .isInstanceOf(CoxException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aPidOfAnotherBootOrAnotherStartIsNotOurs() {
    ProcessRef own = ProcessRef.of(ProcessHandle.current().pid()).orElseThrow();
    assertThat(own.alive()).isTrue();
    assertThat(new ProcessRef(own.pid(), own.startTicks() + 1, own.bootId()).alive()).isFalse();
    assertThat(new ProcessRef(own.pid(), own.startTicks(), "another boot").alive()).isFalse();
    assertThat(STATE.running()).isFalse();
  }

  @Test
  void aProcessIsFoundByItsNameItsProgramOrItsMachine() {
    assertThat(STATE.named("kubelet-2").node()).isEqualTo("node-2");
    assertThat(STATE.named("kubelet-node-2").name()).isEqualTo("kubelet-2");
    assertThat(STATE.named("store").name()).isEqualTo("store-1");
    assertThatThrownBy(() -> STATE.named("kubelet")).hasMessageContaining("kubelet-1, kubelet-2");
    assertThatThrownBy(() -> STATE.named("stoer")).hasMessageContaining("store-1");
    for (String off : List.of("proxy-2", "containerd-node-2")) {
      assertThatThrownBy(() -> STATE.named(off))
          .as("its machine is off")
          .hasMessage(
              off + " does not run, because node-2 is off; turn it on with: cox node start node-2");
    }
    assertThatThrownBy(() -> ClusterState.of(STATE.spec()).named("store"))
        .hasMessage("the cluster is down; bring it up with: cox up");
  }

  @Test
  void aRestartedProcessReplacesItsFormerSelfAndAMachineTakesItsOwnAlong() {
    ProcessRef fresh = new ProcessRef(2, 2, "this boot");
    ClusterState restarted =
        STATE.withProcess(new ManagedProcess("kubelet-1", "kubelet", "node-1", fresh));
    assertThat(restarted.processes()).hasSize(3);
    assertThat(restarted.named("kubelet-1").process()).isEqualTo(fresh);
    assertThat(STATE.withoutMachine("node-1").processes())
        .extracting(ManagedProcess::name)
        .containsExactly("store-1", "kubelet-2");
  }
}
