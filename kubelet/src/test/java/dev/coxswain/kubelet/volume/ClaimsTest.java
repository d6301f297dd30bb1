package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.node.NodePaths;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A claim that is bound to a path of the node. */
final class ClaimsTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void aPathOfTheNodeMayBeAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThat(prepared(file, "File")).contains(file);
    assertThat(prepared(file, "")).contains(file);
    assertThat(file).hasContent("x");
  }

  @Test
  void aDirectoryThatIsNotThereIsMade() throws Exception {
    Path directory = folder.resolve("new/directory");
    assertThat(prepared(directory, "")).contains(directory);
    assertThat(directory).isDirectory();
  }

  private Optional<Path> prepared(Path path, String type) throws Exception {
    Claims claims =
        new Claims(
            new NodePaths(folder.resolve("kubelet"), folder.resolve("logs")),
            source(path, type),
            unasked(),
            new NfsMounts(new MountTable()));
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("one")
            .withNamespace("deck")
            .withUid("u1")
            .endMetadata()
            .withNewSpec()
            .withNodeName("n1")
            .endSpec()
            .build();
    Volume volume =
        new VolumeBuilder().withName("data").withNewPersistentVolumeClaim("data", false).build();
    claims.prepare(pod, volume);
    return claims.path(pod, volume);
  }

  private static ConfigSource source(Path path, String type) {
    PersistentVolumeClaim claim =
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName("data")
            .withUid("c1")
            .endMetadata()
            .withNewSpec()
            .withVolumeName("v1")
            .endSpec()
            .withNewStatus()
            .withPhase("Bound")
            .endStatus()
            .build();
    PersistentVolume volume =
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName("v1")
            .endMetadata()
            .withNewSpec()
            .withNewHostPath(path.toString(), type)
            .withNewClaimRef()
            .withUid("c1")
            .endClaimRef()
            .endSpec()
            .build();
    return (ConfigSource)
        Proxy.newProxyInstance(
            ConfigSource.class.getClassLoader(),
            new Class<?>[] {ConfigSource.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "claim" -> Optional.of(claim);
                  case "persistentVolume" -> Optional.of(volume);
                  default -> throw new AssertionError("asked for " + method);
                });
  }

  private static DriverVolumes unasked() {
    return (DriverVolumes)
        Proxy.newProxyInstance(
            DriverVolumes.class.getClassLoader(),
            new Class<?>[] {DriverVolumes.class},
            (self, method, arguments) -> {
              throw new AssertionError("asked for " + method);
            });
  }
}
