package dev.coxswain.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a watcher is told between a change and the moment when all caches have taken it in. */
final class SubscriptionTest {
  private static final Selection ALL = Selection.namespace("");

  private final AtomicLong applied = new AtomicLong(4);
  private final ResourceCache cache = new ResourceCache(4, applied::get);

  private static ResourceCache.Change change(String name, long revision) {
    return new ResourceCache.Change(
        new ObjectKey("shop", name), "{}".getBytes(StandardCharsets.UTF_8), revision);
  }

  private Subscription watch() {
    return Objects.requireNonNull(cache.watchFrom(4, ALL, () -> {}));
  }

  private static void assertTold(Subscription watch, String... names) {
    for (String name : names) {
      assertThat(watch.next())
          .isInstanceOfSatisfying(
              Subscription.Next.Event.class,
              event -> assertThat(event.delivery().object().key().name()).isEqualTo(name));
    }
  }

  @Test
  void whoHasBeenToldOfAChangeIsNotSentBackBeforeIt() {
    Subscription before = watch();
    cache.apply(List.of(change("web", 5)));
    assertTold(before, "web");
    assertThat(before.next()).isEqualTo(new Subscription.Next.Idle(5));

    Subscription missed = watch();
    assertTold(missed, "web");
    assertThat(missed.next()).isEqualTo(new Subscription.Next.Idle(5));

    Subscription state = cache.watchState(ALL, () -> {});
    assertTold(state, "web");
    assertThat(state.next()).isEqualTo(new Subscription.Next.Idle(5));

    applied.set(9);
    assertThat(before.next()).isEqualTo(new Subscription.Next.Idle(9));
  }

  @Test
  void whatHappenedAtOneRevisionComesTogether() {
    Subscription watch = watch();
    cache.apply(List.of(change("one", 5), change("two", 5)));
    assertTold(watch, "one", "two");
    assertThat(watch.next()).isEqualTo(new Subscription.Next.Idle(5));
  }
}
