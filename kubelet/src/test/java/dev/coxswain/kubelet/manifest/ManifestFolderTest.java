package dev.coxswain.kubelet.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.SystemTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManifestFolderTest {
  private static final String WEB =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, labels: {app: web}}
      spec: {containers: [{name: main, image: "app:1"}]}
      """;

  @TempDir private Path path;
  private ManifestFolder folder;

  @BeforeEach
  void open() {
    folder = new ManifestFolder(path, "n1", new SystemTime());
  }

  @Test
  void aManifestIsAPodOfThisNode() throws IOException {
    write("web.yaml", WEB);
    Pod pod = only();
    assertThat(pod.getMetadata().getName()).isEqualTo("web-n1");
    assertThat(pod.getMetadata().getNamespace()).isEqualTo("default");
    assertThat(pod.getSpec().getNodeName()).isEqualTo("n1");
    assertThat(StaticPod.is(pod)).isTrue();
    assertThat(StaticPod.isMirror(pod)).isFalse();
    assertThat(only()).as("an unchanged file is the same pod").isSameAs(pod);
  }

  @Test
  void whoWritesTheMarkIntoAPodOfTheApiMakesNoStaticPodOfIt() throws IOException {
    write("web.yaml", WEB);
    Pod pod =
        new PodBuilder(only())
            .editMetadata()
            .withUid("6f1d3c1e-8f2a-4c55-9f0e-0b6c1d2e3f40")
            .endMetadata()
            .build();
    assertThat(StaticPod.is(pod)).isFalse();
  }

  @Test
  void aChangedManifestIsAnotherPod() throws IOException {
    write("web.yaml", WEB);
    String before = only().getMetadata().getUid();
    write("web.yaml", WEB.replace("app:1", "app:2"));
    assertThat(only().getMetadata().getUid()).isNotEqualTo(before);
    Files.delete(path.resolve("web.yaml"));
    assertThat(folder.read()).isEmpty();
  }

  @Test
  void whatIsNoPodLeavesThePodThatWas() throws IOException {
    write("web.yaml", WEB);
    String before = only().getMetadata().getUid();
    for (String broken : new String[] {"kind: [", "kind: Service", "", "kind: Pod"}) {
      write("web.yaml", broken);
      assertThat(only().getMetadata().getUid()).as(broken).isEqualTo(before);
    }
  }

  @Test
  void hiddenFilesAndFoldersAreNotRead() throws IOException {
    write(".web.yaml.swp", WEB);
    Files.createDirectory(path.resolve("folder"));
    assertThat(folder.read()).isEmpty();
  }

  @Test
  void aMirrorNamesItsPodAndBelongsToTheNode() throws IOException {
    write("web.yaml", WEB);
    Pod pod = only();
    Pod mirror = StaticPod.mirror(pod, "n1", "node-uid");
    assertThat(StaticPod.mirrored(mirror)).isEqualTo(pod.getMetadata().getUid());
    assertThat(mirror.getMetadata().getUid()).isNull();
    assertThat(mirror.getMetadata().getOwnerReferences().getFirst().getKind()).isEqualTo("Node");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(path.resolve(file), text);
  }

  private Pod only() {
    Collection<Pod> pods = folder.read();
    assertThat(pods).hasSize(1);
    return pods.iterator().next();
  }
}
