package dev.coxswain.kubelet.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.cri.ContainerRuntime;
import dev.coxswain.kubelet.cri.ImageStore;
import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.pressure.NodeMeasures;
import dev.coxswain.proto.cri.Image;
import dev.coxswain.runtime.time.ManualTime;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A node with one image that no container uses. */
final class ImageGarbageTest {
  private final ManualTime time = new ManualTime();
  private final List<String> removed = new ArrayList<>();

  /** Its container may be about to be made, and would only have it pulled once more. */
  @Test
  void anImageThatHasJustComeStaysEvenWhereTheDiskIsFull() {
    ImageGarbage garbage =
        new ImageGarbage(
            proxy(ContainerRuntime.class, (self, method, arguments) -> List.of()),
            proxy(
                ImageStore.class,
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "list" -> List.of(Image.newBuilder().setId("new").build());
                      case "remove" -> {
                        removed.add((String) arguments[0]);
                        yield null;
                      }
                      default -> throw new AssertionError("asked for " + method);
                    }),
            () -> Optional.of(Set.of()),
            Set::of,
            unasked(NodeMeasures.class),
            new ImageLimits(85, 80, Duration.ofMinutes(2)),
            unasked(NodeEvents.class),
            time);
    garbage.removeAllUnused();
    assertThat(removed).isEmpty();
    time.advance(Duration.ofMinutes(2));
    garbage.removeAllUnused();
    assertThat(removed).containsExactly("new");
  }

  private static <T> T unasked(Class<T> type) {
    return proxy(
        type,
        (self, method, arguments) -> {
          throw new AssertionError("asked for " + method);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
