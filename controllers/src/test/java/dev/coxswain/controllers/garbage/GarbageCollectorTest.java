package dev.coxswain.controllers.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.DeleteOptions.Propagation;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.FakeFaults;
import dev.coxswain.runtime.client.FakeInformer;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ServedResource;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ConfigMaps own Secrets here, which own ConfigMaps: to the collector all kinds are alike. */
final class GarbageCollectorTest {
  private Randomness random = Randomness.seeded(3);
  private FakeApi api = new FakeApi(new ManualTime(), random);
  private final Set<String> ready = new LinkedHashSet<>();
  private final Set<String> told = new LinkedHashSet<>();
  private GarbageCollector collector = new GarbageCollector(new OwnerGraph(), api, this::tell);

  @Test
  void whatIsOwnedGoesAfterItsOwnerAndItsOwnPossessionsAfterIt() {
    start();
    ConfigMap owner = configMap("owner");
    Secret middle = secret("middle", reference(owner, true));
    configMap("leaf", reference(middle, true));
    settle();
    assertThat(names()).containsExactlyInAnyOrder("owner", "middle", "leaf");
    delete(owner, Propagation.BACKGROUND);
    settle();
    assertThat(names()).isEmpty();
  }

  @Test
  void anObjectStaysWhileOneOfItsOwnersStaysAndForgetsTheOther() {
    start();
    ConfigMap one = configMap("one");
    ConfigMap other = configMap("other");
    secret("shared", reference(one, false), reference(other, false));
    settle();
    delete(one, Propagation.BACKGROUND);
    settle();
    assertThat(names()).containsExactlyInAnyOrder("other", "shared");
    assertThat(Owners.of(find("shared")))
        .extracting(OwnerReference::getName)
        .containsExactly("other");
  }

  @Test
  void inTheForegroundTheOwnerWaitsForThoseThatBlockIt() {
    start();
    ConfigMap owner = configMap("owner");
    Secret child = secret("child", reference(owner, true));
    Secret held =
        api.resource(Secret.class)
            .update(
                new SecretBuilder(child)
                    .editMetadata()
                    .addToFinalizers("test/hold")
                    .endMetadata()
                    .build());
    settle();
    delete(owner, Propagation.FOREGROUND);
    settle();
    assertThat(names()).containsExactlyInAnyOrder("owner", "child");
    assertThat(Meta.deleting(find("child"))).isTrue();
    Secret going = api.resource(Secret.class).find(Meta.key(held)).orElseThrow();
    api.resource(Secret.class)
        .update(new SecretBuilder(going).editMetadata().withFinalizers().endMetadata().build());
    settle();
    assertThat(names()).isEmpty();
  }

  @Test
  void orphansKeepLivingWithoutTheReference() {
    start();
    ConfigMap owner = configMap("owner");
    secret("child", reference(owner, true));
    settle();
    delete(owner, Propagation.ORPHAN);
    settle();
    assertThat(names()).containsExactly("child");
    assertThat(Owners.of(find("child"))).isEmpty();
  }

  @Test
  void anOwnerOfTheSameNameButAnotherUidIsNoOwner() {
    start();
    ConfigMap owner = configMap("owner");
    delete(owner, Propagation.BACKGROUND);
    configMap("owner");
    secret("child", reference(owner, true));
    settle();
    assertThat(names()).containsExactly("owner");
  }

  @Test
  void whatIsTakenOverWhileItIsJudgedStays() {
    start();
    ConfigMap heir = configMap("heir");
    ConfigMap owner = configMap("owner");
    Secret child = secret("child", reference(owner, true));
    settle();
    delete(owner, Propagation.BACKGROUND);
    var calls = new AtomicInteger();
    api.onTheWay(() -> {
      // It is looked at, its owner is looked for, and with the third call it would go.
      if (calls.incrementAndGet() == 3) {
        api.resource(Secret.class)
            .update(
                new SecretBuilder(child)
                    .editMetadata()
                    .withOwnerReferences(reference(heir, true))
                    .endMetadata()
                    .build());
      }
    });
    settle();
    assertThat(names()).containsExactlyInAnyOrder("heir", "child");
  }

  @Test
  void anOwnerInAnotherNamespaceIsNone() {
    start();
    ConfigMap owner = configMap("owner");
    settle();
    stray(owner);
    settle();
    assertThat(names()).containsExactly("owner");
    assertThat(told)
        .contains(
            "Secret elsewhere/stray OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace:"
                + " elsewhere, name: owner, uid: "
                + Meta.uid(owner)
                + "] does not exist in namespace \"elsewhere\"");
  }

  /** Whichever of them is heard of first. */
  @Test
  void aReferenceFromElsewhereDoesNotEndWhatTheOwnerHas() {
    for (long seed = 0; seed < 30; seed++) {
      random = Randomness.seeded(seed);
      api = new FakeApi(new ManualTime(), random);
      start();
      ConfigMap owner = configMap("owner");
      stray(owner);
      secret("child", reference(owner, true));
      settle();
      assertThat(names()).as("seed " + seed).containsExactlyInAnyOrder("owner", "child");
    }
  }

  private void stray(ConfigMap owner) {
    api.resource(Secret.class)
        .create(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace("elsewhere")
                .withName("stray")
                .withOwnerReferences(reference(owner, true))
                .endMetadata()
                .build());
  }

  @Test
  void anOwnerOfAnUnknownKindIsTakenToBeThere() {
    start();
    OwnerReference foreign =
        new OwnerReferenceBuilder(reference(configMap("owner"), false))
            .withApiVersion("example.com/v1")
            .withKind("Widget")
            .withUid("other")
            .build();
    secret("child", foreign);
    settle();
    assertThat(names()).containsExactlyInAnyOrder("owner", "child");
  }

  @Test
  void whatLostItsOwnerWhileNobodyWatchedGoesAfterAStart() {
    ConfigMap owner = configMap("owner");
    secret("child", reference(owner, true));
    delete(owner, Propagation.BACKGROUND);
    start();
    settle();
    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void nothingThatHasAnOwnerEverGoesAndEverythingElseDoesWhateverFails(int decade) {
    for (long seed = decade * 20L; seed < decade * 20L + 20; seed++) {
      random = Randomness.seeded(seed);
      api = new FakeApi(new ManualTime(), random);
      start();
      var living = new ArrayList<ConfigMap>();
      var kept = new LinkedHashSet<String>();
      for (int i = 0; i < 6; i++) {
        living.add(configMap("root-" + i));
      }
      for (int i = 0; i < 12; i++) {
        ConfigMap owner = living.get((int) random.below(3));
        ConfigMap keeper = living.get(3 + (int) random.below(3));
        boolean safe = random.chance(0.5);
        Secret child =
            safe
                ? secret("child-" + i, reference(owner, true), reference(keeper, true))
                : secret("child-" + i, reference(owner, random.chance(0.5)));
        configMap("grandchild-" + i, reference(child, random.chance(0.5)));
        if (safe) {
          kept.add("child-" + i);
          kept.add("grandchild-" + i);
        }
        api.deliverOne();
      }
      List<Propagation> ways = List.of(Propagation.BACKGROUND, Propagation.FOREGROUND);
      for (int i = 0; i < 3; i++) {
        delete(living.get(i), ways.get((int) random.below(2)));
        kept.add("root-" + (3 + i));
      }
      api.faults(FakeFaults.SOME);
      for (int i = 0; i < 300; i++) {
        step();
      }
      api.faults(FakeFaults.NONE);
      settle();
      assertThat(names()).as("seed " + seed).containsExactlyInAnyOrderElementsOf(kept);
    }
  }

  private void start() {
    var graph = new OwnerGraph();
    collector = new GarbageCollector(graph, api, this::tell);
    ready.clear();
    var informers = new ArrayList<FakeInformer<PartialObjectMetadata>>();
    for (ServedResource served : List.of(api.serve(ConfigMap.class), api.serve(Secret.class))) {
      FakeInformer<PartialObjectMetadata> informer = api.metadataInformer(served);
      informer.handle(new GraphFeed(served, graph, ready::add));
      informers.add(informer);
    }
    collector.serve(api.discover().resources());
    informers.forEach(FakeInformer::start);
  }

  private void tell(
      String controller, HasMetadata about, boolean warning, String reason, String message) {
    told.add(about.getKind() + " " + Meta.key(about) + " " + reason + ": " + message);
  }

  private boolean step() {
    if (random.chance(0.5) && api.deliverOne()) {
      return true;
    }
    if (ready.isEmpty()) {
      return api.deliverOne();
    }
    List<String> uids = List.copyOf(ready);
    String uid = uids.get((int) random.below(uids.size()));
    ready.remove(uid);
    try {
      ready.addAll(collector.step(uid));
    } catch (ApiException failed) {
      retried.add(uid);
    }
    return true;
  }

  private final Set<String> retried = new LinkedHashSet<>();

  private void settle() {
    for (int round = 0; round < 5; round++) {
      int steps = 0;
      while (step()) {
        assertThat(++steps).isLessThan(10_000);
      }
      ready.addAll(retried);
      retried.clear();
    }
  }

  private ConfigMap configMap(String name, OwnerReference... owners) {
    return api.resource(ConfigMap.class)
        .create(
            new ConfigMapBuilder()
                .withMetadata(
                    new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace("default")
                        .withOwnerReferences(Arrays.asList(owners))
                        .build())
                .build());
  }

  private Secret secret(String name, OwnerReference... owners) {
    return api.resource(Secret.class)
        .create(
            new SecretBuilder()
                .withMetadata(
                    new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace("default")
                        .withOwnerReferences(Arrays.asList(owners))
                        .build())
                .build());
  }

  private static OwnerReference reference(HasMetadata owner, boolean blocks) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(Meta.name(owner))
        .withUid(Meta.uid(owner))
        .withBlockOwnerDeletion(blocks)
        .build();
  }

  private void delete(HasMetadata object, Propagation way) {
    api.resource(object.getClass().asSubclass(HasMetadata.class))
        .delete(Meta.key(object), new DeleteOptions(null, Meta.uid(object), null, way));
  }

  private HasMetadata find(String name) {
    return api.resource(Secret.class).find(new ObjectKey("default", name)).orElseThrow();
  }

  private List<String> names() {
    return Stream.concat(
            api.resource(ConfigMap.class).list("", ListOptions.ALL).items().stream(),
            api.resource(Secret.class).list("", ListOptions.ALL).items().stream())
        .map(Meta::name)
        .toList();
  }
}
