package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.cri.LocalChannel;
import dev.coxswain.kubelet.cri.Snapshots;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.env.PodFields;
import dev.coxswain.kubelet.node.NodePaths;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VolumeManagerTest {
  @TempDir private Path folder = Path.of("");
  private final LocalChannel nobody = new LocalChannel("/nowhere/containerd.sock");
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CompletableFuture<Void> answer = new CompletableFuture<>();
  private volatile boolean slow;
  private VolumeManager volumes;
  private Path shown = Path.of("");

  @BeforeEach
  void make() throws Exception {
    NodePaths paths = new NodePaths(folder.resolve("kubelet"), folder.resolve("logs"));
    shown = paths.volume("u1", "configmap", "settings");
    ManualTime time = new ManualTime();
    volumes =
        new VolumeManager(
            paths,
            source(),
            drivers(),
            new ImageVolumes(
                paths,
                unasked(ContainerRuntime.class),
                unasked(ImageStore.class),
                new Snapshots(nobody.grpc())),
            new ServiceAccountTokens(
                (account, body) -> {
                  throw new AssertionError("asked for a token of " + account);
                },
                time),
            time);
    volumes.prepare(fields());
  }

  @AfterEach
  void close() {
    nobody.close();
  }

  @Test
  void whatIsReleasedWhileItIsRefreshedIsGone() throws Exception {
    assertThat(shown.resolve("key")).hasContent("value");
    slow = true;
    Thread refresh = Thread.ofVirtual().start(this::refresh);
    assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
    Thread release = Thread.ofVirtual().start(this::release);
    Awaitility.await()
        .until(() -> !release.isAlive() || release.getState() == Thread.State.BLOCKED);
    answer.complete(null);
    refresh.join();
    release.join();
    assertThat(shown).doesNotExist();
  }

  @Test
  void whatIsReleasedIsNotRefreshed() throws Exception {
    volumes.release("u1");
    volumes.refresh(fields());
    assertThat(shown).doesNotExist();
    volumes.prepare(fields());
    assertThat(shown.resolve("key")).hasContent("value");
  }

  private void refresh() {
    try {
      volumes.refresh(fields());
    } catch (VolumeException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private void release() {
    try {
      volumes.release("u1");
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Has one ConfigMap, and answers when the test lets it. */
  private ConfigSource source() {
    ConfigMap settings =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("settings")
            .withNamespace("deck")
            .endMetadata()
            .withData(Map.of("key", "value"))
            .build();
    return (ConfigSource)
        Proxy.newProxyInstance(
            VolumeManagerTest.class.getClassLoader(),
            new Class<?>[] {ConfigSource.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("configMap")) {
                throw new UnsupportedOperationException(method.getName());
              }
              if (slow) {
                asked.countDown();
                answer.join();
              }
              return Optional.of(settings);
            });
  }

  /** A node without storage drivers has nothing of theirs to release. */
  private static DriverVolumes drivers() {
    return proxy(DriverVolumes.class, "release");
  }

  private static <T> T unasked(Class<T> type) {
    return proxy(type, "");
  }

  private static <T> T proxy(Class<T> type, String known) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals(known)) {
                return null;
              }
              throw new AssertionError("asked for " + method);
            }));
  }

  private static PodFields fields() {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("one")
            .withNamespace("deck")
            .withUid("u1")
            .endMetadata()
            .withNewSpec()
            .addNewVolume()
            .withName("settings")
            .withNewConfigMap()
            .withName("settings")
            .endConfigMap()
            .endVolume()
            .endSpec()
            .build();
    return new PodFields(pod, "10.0.0.1", List.of(), Map.of());
  }
}
