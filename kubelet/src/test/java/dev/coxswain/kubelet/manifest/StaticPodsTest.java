package dev.coxswain.kubelet.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StaticPodsTest {
  /** Waited for after a notice; without one, it is the folder's period that is waited for. */
  private static final Duration SETTLE = Duration.ofMillis(200);

  @TempDir private Path folder = Path.of("");
  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(0));
  private final List<String> begun = new CopyOnWriteArrayList<>();
  private volatile boolean failed;

  @Test
  void aManifestThatComesWhileTheFirstAreReadIsNoticed() throws IOException {
    write("one");
    StaticPods pods =
        new StaticPods(
            folder, "n1", new Runner(), new Mirrors(api, "n1", Optional::empty), List::of, time);
    pods.start();
    assertThat(begun).contains("one-n1");
    Awaitility.await()
        .until(() -> {
          if (time.untilNext().equals(Optional.of(SETTLE))) {
            time.advance(SETTLE);
          }
          return begun.contains("two-n1");
        });
    pods.stop();
  }

  @Test
  void aPodThatABugKeepsFromBeginningIsBegunLater() throws IOException {
    StaticPods pods =
        new StaticPods(
            folder, "n1", new Runner(), new Mirrors(api, "n1", Optional::empty), List::of, time);
    pods.start();
    write("unlucky");
    Awaitility.await()
        .until(() -> {
          time.advanceToNext();
          return begun.contains("unlucky-n1");
        });
    assertThat(failed).isTrue();
    pods.stop();
  }

  private void write(String name) {
    try {
      Files.writeString(
          folder.resolve(name + ".yaml"),
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: %s}
          spec: {containers: [{name: main, image: "app:1"}]}
          """
              .formatted(name));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Has another manifest come as soon as the first pod begins. */
  private final class Runner implements StaticPods.Runner {
    @Override
    public void begin(Pod pod) {
      if (pod.getMetadata().getName().equals("unlucky-n1") && !failed) {
        failed = true;
        throw new IllegalStateException("a bug");
      }
      begun.add(pod.getMetadata().getName());
      if (pod.getMetadata().getName().equals("one-n1")) {
        write("two");
      }
    }

    @Override
    public void end(Pod pod) {}

    @Override
    public Set<String> alive() {
      return Set.of();
    }

    @Override
    public void mirrorLost(String uid) {}
  }
}
