package dev.coxswain.kubelet.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.event.PodEvents;
import dev.coxswain.proto.cri.ExecSyncResponse;
import dev.coxswain.runtime.time.ManualTime;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hooks whose command says a secret. */
final class HooksTest {
  private final List<String> events = new ArrayList<>();

  @Test
  void whyAHookFailedIsNotToldToWhoMayOnlyReadEvents() throws Exception {
    Hooks hooks = new Hooks(exiting(1), told(), new ManualTime());
    assertThat(hooks.postStart(subject(), Duration.ofSeconds(1)).orElseThrow())
        .contains("exited with 1: the password is hunter2");
    hooks.preStop(subject(), Duration.ofSeconds(1));
    assertThat(events)
        .containsExactly(
            "FailedPostStartHook PostStartHook failed", "FailedPreStopHook PreStopHook failed");
  }

  @Test
  void aHookThatDoesItsWorkIsNotTold() throws Exception {
    Hooks hooks = new Hooks(exiting(0), told(), new ManualTime());
    assertThat(hooks.postStart(subject(), Duration.ofSeconds(1))).isEmpty();
    hooks.preStop(subject(), Duration.ofSeconds(1));
    assertThat(events).isEmpty();
  }

  private static Hooks.Subject subject() {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("web")
            .withNamespace("shop")
            .endMetadata()
            .build();
    Container container =
        new ContainerBuilder()
            .withName("main")
            .withNewLifecycle()
            .withNewPostStart()
            .withNewExec()
            .withCommand("hook")
            .endExec()
            .endPostStart()
            .withNewPreStop()
            .withNewExec()
            .withCommand("hook")
            .endExec()
            .endPreStop()
            .endLifecycle()
            .build();
    return new Hooks.Subject(pod, container, "c1", "10.0.0.1");
  }

  private static ContainerRuntime exiting(int code) {
    return (ContainerRuntime)
        Proxy.newProxyInstance(
            HooksTest.class.getClassLoader(),
            new Class<?>[] {ContainerRuntime.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("execSync")) {
                throw new UnsupportedOperationException(method.getName());
              }
              return ExecSyncResponse.newBuilder()
                  .setExitCode(code)
                  .setStderr(ByteString.copyFromUtf8("the password is hunter2"))
                  .build();
            });
  }

  private PodEvents told() {
    return new PodEvents() {
      @Override
      public void normal(Pod pod, String container, String reason, String message) {}

      @Override
      public void warning(Pod pod, String container, String reason, String message) {
        events.add(reason + " " + message);
      }
    };
  }
}
