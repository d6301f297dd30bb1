package dev.coxswain.controllers.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of a reconcile that the API server refuses. */
final class ControllerLoopTest {
  private static final ObjectKey KEY = new ObjectKey("shop", "web");

  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(1));

  @Test
  void whatCannotBeMadeInANamespaceThatGoesIsNotTriedAgain() {
    ApiException goes = refusal(List.of(new StatusCause("NamespaceTerminating", "", "")));
    assertThat(loop(goes).step(KEY)).isEqualTo(Outcome.done());
  }

  @Test
  void otherRefusalsAreTriedAgain() {
    ApiException quota = refusal(List.of());
    assertThatThrownBy(() -> loop(quota).step(KEY)).isSameAs(quota);
  }

  @Test
  void whatIsNotOfThatNamespaceIsTriedAgain() {
    ApiException goes = refusal(List.of(new StatusCause("NamespaceTerminating", "", "")));
    assertThatThrownBy(() -> loop(goes).step(ObjectKey.cluster("web"))).isSameAs(goes);
  }

  private static ApiException refusal(List<StatusCause> causes) {
    var details = new ApiStatus.Details("web", "", "endpoints", "", causes, 0);
    return new ApiException(
        new ApiStatus(403, StatusReason.FORBIDDEN, "endpoints \"web\" is forbidden", details));
  }

  private ControllerLoop<ConfigMap> loop(ApiException refusal) {
    var view =
        new InformerView(
            Map.of(ConfigMap.class, api.informer(ConfigMap.class, "", ListOptions.ALL)), time);
    return new ControllerLoop<>(new Refused(refusal), view, api, time, (key, pending) -> unasked());
  }

  private static Actions unasked() {
    return (Actions)
        Proxy.newProxyInstance(
            Actions.class.getClassLoader(),
            new Class<?>[] {Actions.class},
            (self, method, arguments) -> {
              throw new AssertionError("asked for " + method);
            });
  }

  /** Fails at whatever it is asked to reconcile. */
  private record Refused(ApiException refusal) implements Reconciler<ConfigMap> {
    @Override
    public String name() {
      return "refused";
    }

    @Override
    public Watches<ConfigMap> watches() {
      return Watches.of(ConfigMap.class);
    }

    @Override
    public Outcome reconcile(ConfigMap wanted, View view, Actions act) {
      throw refusal;
    }

    @Override
    public Outcome gone(ObjectKey key, View view, Actions act) {
      throw refusal;
    }
  }
}
