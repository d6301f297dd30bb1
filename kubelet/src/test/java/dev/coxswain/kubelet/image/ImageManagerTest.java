package dev.coxswain.kubelet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.kubelet.cri.CriException;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.proto.cri.AuthConfig;
import dev.coxswain.proto.cri.FilesystemUsage;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.proto.cri.PodSandboxConfig;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.Status;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a pod waits for whose image no registry gives. */
final class ImageManagerTest {
  private final ManualTime time = new ManualTime();
  private final NoRegistry store = new NoRegistry();
  private final List<String> told = new ArrayList<>();
  private final Pod pod =
      new PodBuilder().withNewMetadata().withUid("1").endMetadata().withNewSpec().endSpec().build();
  private final ImageManager images =
      new ImageManager(
          store,
          unasked(ConfigSource.class),
          Path.of("/nowhere/config.json"),
          new CredentialPlugins(List.of(), unasked(AccountTokens.class), new PluginCounts(), time),
          events(),
          5,
          time);

  @Test
  void anImageThatIsImportedWhileItsPullBacksOffIsTaken() throws Exception {
    ImageException first = refused("IfNotPresent");
    assertThat(first.lookAt()).isEqualTo(first.retryAt());
    time.advance(Duration.ofSeconds(10));
    ImageException second = refused("IfNotPresent");
    assertThat(second.retryAt()).isEqualTo(time.now().plusSeconds(20));
    assertThat(second.lookAt()).isEqualTo(time.now().plusSeconds(10));
    assertThat(store.pulls).isEqualTo(2);
    told.clear();

    time.advance(Duration.ofSeconds(10));
    ImageException looked = refused("IfNotPresent");
    assertThat(looked.reason()).isEqualTo("ErrImagePull");
    assertThat(looked).hasMessage(second.getMessage());
    assertThat(looked.failedAt()).isEqualTo(second.failedAt());
    assertThat(looked.retryAt()).isEqualTo(second.retryAt());
    assertThat(store.pulls).isEqualTo(2);
    assertThat(told).isEmpty();

    store.present.add("shop/app:1");
    assertThat(images.ensure(pod, wanted("IfNotPresent"), sandbox()).getId())
        .isEqualTo("shop/app:1");
    assertThat(store.pulls).isEqualTo(2);
    assertThat(told)
        .containsExactly("Pulled Container image \"shop/app:1\" already present on machine");
  }

  @Test
  void whoAlwaysPullsIsNotHelpedByAnImport() {
    refused("Always");
    time.advance(Duration.ofSeconds(10));
    ImageException second = refused("Always");
    assertThat(second.lookAt()).isEqualTo(second.retryAt());
    store.present.add("shop/app:1");
    time.advance(Duration.ofSeconds(10));
    assertThat(refused("Always").retryAt()).isEqualTo(second.retryAt());
    assertThat(store.pulls).isEqualTo(2);
  }

  @Test
  void aPullSecretThatNobodyHasIsTold() {
    Pod asking =
        new PodBuilder(pod)
            .editSpec()
            .addNewImagePullSecret("registry")
            .addNewImagePullSecret("unreadable")
            .endSpec()
            .build();
    ImageManager manager =
        new ImageManager(
            store,
            withoutSecrets(),
            Path.of("/nowhere/config.json"),
            new CredentialPlugins(
                List.of(), unasked(AccountTokens.class), new PluginCounts(), time),
            events(),
            5,
            time);
    ImageException failure =
        catchThrowableOfType(
            ImageException.class, () -> manager.ensure(asking, wanted("Always"), sandbox()));
    assertThat(failure.reason()).isEqualTo("ErrImagePull");
    assertThat(store.pulls).isOne();
    assertThat(told.getFirst())
        .isEqualTo(
            "FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets"
                + " (registry, unreadable); attempting to pull the image may not succeed.");
  }

  private static ConfigSource withoutSecrets() {
    return (ConfigSource)
        Proxy.newProxyInstance(
            ConfigSource.class.getClassLoader(),
            new Class<?>[] {ConfigSource.class},
            (self, method, arguments) -> {
              if (arguments[1].equals("unreadable")) {
                throw new ApiException(StatusReason.FORBIDDEN, "not yours");
              }
              return Optional.empty();
            });
  }

  private ImageException refused(String policy) {
    return catchThrowableOfType(
        ImageException.class, () -> images.ensure(pod, wanted(policy), sandbox()));
  }

  private static ImageManager.Wanted wanted(String policy) {
    return new ImageManager.Wanted("app", "shop/app:1", policy);
  }

  private static PodSandboxConfig sandbox() {
    return PodSandboxConfig.getDefaultInstance();
  }

  private PodEvents events() {
    return new PodEvents() {
      @Override
      public void normal(Pod about, String container, String reason, String message) {
        told.add(reason + " " + message);
      }

      @Override
      public void warning(Pod about, String container, String reason, String message) {
        told.add(reason + " " + message);
      }
    };
  }

  /** A pod without pull secrets has nothing looked up. */
  private static <T> T unasked(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              throw new AssertionError("asked for " + method);
            }));
  }

  /** A node's images, which come by import alone. */
  private static final class NoRegistry implements ImageStore {
    private final Set<String> present = new HashSet<>();
    private int pulls;

    @Override
    public Optional<Image> find(String reference) {
      return present.contains(reference)
          ? Optional.of(Image.newBuilder().setId(reference).build())
          : Optional.empty();
    }

    @Override
    public String pull(String reference, @Nullable AuthConfig credentials, PodSandboxConfig of) {
      pulls++;
      throw new CriException(Status.Code.NOT_FOUND, "no such registry");
    }

    @Override
    public Map<String, String> information(String reference) {
      return Map.of();
    }

    @Override
    public List<Image> list() {
      return List.of();
    }

    @Override
    public void remove(String reference) {}

    @Override
    public List<FilesystemUsage> fileSystems() {
      return List.of();
    }
  }
}
