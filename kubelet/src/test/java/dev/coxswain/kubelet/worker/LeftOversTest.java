package dev.coxswain.kubelet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cgroup.PodCgroups;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.cri.Snapshots;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.kubelet.volume.DriverVolume;
import dev.coxswain.kubelet.volume.DriverVolumes;
import dev.coxswain.kubelet.volume.ImageVolumes;
import dev.coxswain.kubelet.volume.ServiceAccountTokens;
import dev.coxswain.kubelet.volume.VolumeManager;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.time.SystemTime;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LeftOversTest {
  @TempDir private Path folder;

  @Test
  void onlyWhatBelongsToNobodyIsRemoved() throws IOException {
    NodePaths paths = new NodePaths(folder.resolve("kubelet"), folder.resolve("logs"));
    for (String uid : new String[] {"alive", "gone"}) {
      Path volume = paths.volume(uid, "empty-dir", "work");
      Files.createDirectories(volume);
      Files.writeString(volume.resolve("file"), "x");
      Files.createDirectories(paths.podLogs("shop", "web", uid).resolve("main"));
    }
    Files.createDirectories(paths.logs().resolve("somebody-elses"));
    Path link = link(paths, "alive");
    Path dead = link(paths, "gone");
    Path mount = Files.createDirectories(folder.resolve("cgroup/cpu/kubepods/podgone"));

    new LeftOvers(
            paths,
            volumes(paths),
            new PodCgroups(folder.resolve("cgroup"), "/", 0),
            () -> Set.of("alive"))
        .sweep();

    assertThat(paths.volume("alive", "empty-dir", "work").resolve("file")).exists();
    assertThat(paths.podLogs("shop", "web", "alive")).exists();
    assertThat(paths.pod("gone")).doesNotExist();
    assertThat(paths.podLogs("shop", "web", "gone")).doesNotExist();
    assertThat(link).isSymbolicLink();
    assertThat(dead).doesNotExist();
    assertThat(mount).doesNotExist();
    assertThat(paths.logs().resolve("somebody-elses")).exists();
  }

  private static Path link(NodePaths paths, String uid) throws IOException {
    Files.createDirectories(paths.logLinks());
    return Files.createSymbolicLink(
        paths.logLinks().resolve(uid + ".log"),
        paths.podLogs("shop", "web", uid).resolve("main/0.log"));
  }

  private static VolumeManager volumes(NodePaths paths) {
    SystemTime time = new SystemTime();
    return new VolumeManager(
        paths,
        unasked(ConfigSource.class),
        new NoDrivers(),
        new ImageVolumes(
            paths,
            unasked(ContainerRuntime.class),
            unasked(ImageStore.class),
            new Snapshots(new UnaskedChannel())),
        new ServiceAccountTokens(unasked(ApiClient.class), time),
        time);
  }

  private static final class UnaskedChannel extends Channel {
    @Override
    public <I, O> ClientCall<I, O> newCall(MethodDescriptor<I, O> method, CallOptions options) {
      throw new AssertionError("asked for " + method);
    }

    @Override
    public String authority() {
      return "nobody";
    }
  }

  /** A node without storage drivers has nothing of theirs. */
  private static final class NoDrivers implements DriverVolumes {
    @Override
    public Path prepare(DriverVolume wanted) {
      throw new AssertionError("asked for " + wanted);
    }

    @Override
    public Optional<VolumeFigures> figures(String podUid, Path mounted) {
      return Optional.empty();
    }

    @Override
    public void release(String podUid) {}
  }

  /** Something that this test must not ask. */
  private static <T> T unasked(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              throw new AssertionError("asked for " + method);
            }));
  }
}
