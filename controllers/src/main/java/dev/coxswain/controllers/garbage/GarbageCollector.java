package dev.coxswain.controllers.garbage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.garbage.Owned.Fate;
import dev.coxswain.controllers.garbage.Owned.Owner;
import dev.coxswain.controllers.manager.ControllerManager;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.DeleteOptions.Propagation;
import dev.coxswain.runtime.client.Patch;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The collector as a step machine: it is given one uid after the other, reads that object past the
 * cache, and does for it what its owners' and its own fate ask for. What the graph says is only a
 * reason to look: nothing is deleted on its word.
 */
final class GarbageCollector {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollector.class);

  /**
   * Owners known to be gone; a uid never comes back, so this only saves asking again. By namespace,
   * for one that is not in the namespace of who names it may well be in its own.
   */
  private static final int ABSENT_OWNERS = 500;

  private final OwnerGraph graph;
  private final ApiClient api;
  private final ControllerManager.EventSink events;
  private final Set<Absent> absent =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Absent, Boolean> eldest) {
                  return size() > ABSENT_OWNERS;
                }
              }));
  private volatile Map<String, ServedResource> byKind = Map.of();

  /**
   * @param events where people are told what is wrong with an object
   */
  GarbageCollector(OwnerGraph graph, ApiClient api, ControllerManager.EventSink events) {
    this.graph = graph;
    this.api = api;
    this.events = events;
  }

  /** Learns which kinds are served, by which owners are found. */
  void serve(List<ServedResource> served) {
    var kinds = new LinkedHashMap<String, ServedResource>();
    served.forEach(
        resource -> kinds.putIfAbsent(kind(resource.apiVersion(), resource.kind()), resource));
    byKind = Map.copyOf(kinds);
  }

  /**
   * Looks at one object.
   *
   * @return the uids to look at next
   * @throws ApiException to be tried again
   */
  Set<String> step(String uid) {
    Optional<Owned> known = graph.suspect(uid);
    if (known.isEmpty()) {
      return Set.of();
    }
    ServedResource resource = known.get().resource();
    ResourceClient<PartialObjectMetadata> client = api.metadata(resource);
    Optional<PartialObjectMetadata> live =
        client.find(known.get().key()).filter(object -> Meta.uid(object).equals(uid));
    if (live.isEmpty()) {
      return Set.of();
    }
    Owned object = Owned.of(live.get(), resource);
    return switch (object.fate()) {
      case GOES -> Set.of();
      case GOES_LEAVING_ORPHANS -> {
        leaveOrphans(object, live.get(), client);
        yield Set.of();
      }
      case GOES_AFTER_DEPENDENTS -> awaitDependents(object, live.get(), client);
      case STAYS -> {
        if (!object.owners().isEmpty()) {
          judge(object, live.get(), client);
        }
        yield Set.of();
      }
    };
  }

  private void leaveOrphans(
      Owned object, HasMetadata live, ResourceClient<PartialObjectMetadata> client) {
    for (Owned dependent : graph.dependents(object.uid())) {
      ResourceClient<PartialObjectMetadata> others = api.metadata(dependent.resource());
      Optional<PartialObjectMetadata> current =
          others.find(dependent.key()).filter(found -> Meta.uid(found).equals(dependent.uid()));
      if (current.isPresent()) {
        dropOwners(current.get(), owner -> owner.getUid().equals(object.uid()), others);
      }
    }
    dropFinalizer(live, Owned.ORPHAN, client);
  }

  private Set<String> awaitDependents(
      Owned object, HasMetadata live, ResourceClient<PartialObjectMetadata> client) {
    List<Owned> dependents = graph.dependents(object.uid());
    if (dependents.stream().noneMatch(dependent -> dependent.blocks(object.uid()))) {
      dropFinalizer(live, Owned.FOREGROUND, client);
      return Set.of();
    }
    var look = new LinkedHashSet<String>();
    dependents.stream()
        .filter(dependent -> dependent.fate() == Fate.STAYS)
        .forEach(dependent -> look.add(dependent.uid()));
    return look;
  }

  /** That in a namespace, empty for none, there is no owner of this uid. */
  private record Absent(String namespace, String uid) {}

  private enum OwnerState {
    THERE,
    GONE,
    WAITS_FOR_DEPENDENTS
  }

  private void judge(Owned object, HasMetadata live, ResourceClient<PartialObjectMetadata> client) {
    var states = new LinkedHashMap<String, OwnerState>();
    for (Owner owner : object.owners()) {
      states.put(owner.uid(), state(owner, object));
    }
    if (states.containsValue(OwnerState.THERE)) {
      if (states.values().stream().anyMatch(state -> state != OwnerState.THERE)) {
        dropOwners(live, owner -> states.get(owner.getUid()) != OwnerState.THERE, client);
      }
      return;
    }
    List<Owned> dependents = graph.dependents(object.uid());
    boolean foreground =
        states.containsValue(OwnerState.WAITS_FOR_DEPENDENTS) && !dependents.isEmpty();
    if (foreground
        && dependents.stream()
            .anyMatch(dependent -> dependent.fate() == Fate.GOES_AFTER_DEPENDENTS)) {
      // Owners in a circle would wait for each other for ever.
      unblock(live, client);
    }
    Propagation propagation = propagation(live, foreground);
    LOG.info(
        "garbage collector: deletes {} {}, whose owners are gone ({})",
        object.resource().resource(),
        object.key(),
        propagation.text());
    // As it was judged, and no other: somebody may be taking it over at this very moment.
    client.delete(
        object.key(),
        new DeleteOptions(
            null, object.uid(), live.getMetadata().getResourceVersion(), propagation));
  }

  private OwnerState state(Owner owner, Owned object) {
    // One of another namespace is no owner, whatever uid it has: it is looked for in this one.
    Optional<Owned> anywhere = graph.find(owner.uid());
    Optional<Owned> known = anywhere.filter(found -> found.mayOwn(object));
    if (anywhere.isPresent() && known.isEmpty()) {
      tellElsewhere(owner, object);
    }
    var sought = new Absent(object.key().namespace(), owner.uid());
    if (absent.contains(sought)) {
      return OwnerState.GONE;
    }
    if (known.isPresent()) {
      return known.get().fate() == Fate.GOES_AFTER_DEPENDENTS
          ? OwnerState.WAITS_FOR_DEPENDENTS
          : OwnerState.THERE;
    }
    ServedResource resource = byKind.get(kind(owner.apiVersion(), owner.kind()));
    if (resource == null) {
      throw new ApiException(
          StatusReason.NOT_FOUND,
          "the owner of %s %s is of a kind that is not served: %s %s"
              .formatted(
                  object.resource().resource(), object.key(), owner.apiVersion(), owner.kind()));
    }
    if (resource.namespaced() && object.key().namespace().isEmpty()) {
      LOG.warn(
          "garbage collector: {} {} is in no namespace but names an owner that must be in one: {}"
              + " {}; it is left alone",
          object.resource().resource(),
          object.key(),
          owner.kind(),
          owner.name());
      return OwnerState.THERE;
    }
    var key = new ObjectKey(resource.namespaced() ? object.key().namespace() : "", owner.name());
    Optional<PartialObjectMetadata> live =
        api.metadata(resource).find(key).filter(found -> Meta.uid(found).equals(owner.uid()));
    if (live.isEmpty()) {
      absent.add(sought);
      return OwnerState.GONE;
    }
    return Owned.of(live.get(), resource).fate() == Fate.GOES_AFTER_DEPENDENTS
        ? OwnerState.WAITS_FOR_DEPENDENTS
        : OwnerState.THERE;
  }

  /** Says why the object goes, or loses its owner, though somebody of that uid is there. */
  private void tellElsewhere(Owner owner, Owned object) {
    String namespace = object.key().namespace();
    var about = new PartialObjectMetadata();
    about.setApiVersion(object.resource().apiVersion());
    about.setKind(object.resource().kind());
    about.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(object.key().name())
            .withUid(object.uid())
            .build());
    events.event(
        GarbageService.NAME,
        about,
        true,
        "OwnerRefInvalidNamespace",
        "ownerRef [%s/%s, namespace: %s, name: %s, uid: %s] does not exist in namespace \"%s\""
            .formatted(
                owner.apiVersion(), owner.kind(), namespace, owner.name(), owner.uid(), namespace));
  }

  private static Propagation propagation(HasMetadata live, boolean foreground) {
    if (foreground || Meta.finalizers(live).contains(Owned.FOREGROUND)) {
      return Propagation.FOREGROUND;
    }
    return Meta.finalizers(live).contains(Owned.ORPHAN)
        ? Propagation.ORPHAN
        : Propagation.BACKGROUND;
  }

  private static void dropOwners(
      HasMetadata live,
      Predicate<OwnerReference> dropped,
      ResourceClient<PartialObjectMetadata> client) {
    patchOwners(live, Owners.of(live).stream().filter(dropped.negate()).toList(), client);
  }

  private static void unblock(HasMetadata live, ResourceClient<PartialObjectMetadata> client) {
    List<OwnerReference> unblocked = new ArrayList<>();
    for (OwnerReference owner : Owners.of(live)) {
      unblocked.add(new OwnerReferenceBuilder(owner).withBlockOwnerDeletion(false).build());
    }
    patchOwners(live, unblocked, client);
  }

  private static void patchOwners(
      HasMetadata live, List<OwnerReference> owners, ResourceClient<PartialObjectMetadata> client) {
    if (owners.equals(Owners.of(live))) {
      return;
    }
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(live))
        .put("resourceVersion", live.getMetadata().getResourceVersion())
        .set("ownerReferences", Json.mapper().valueToTree(owners));
    client.patch(Meta.key(live), new Patch.Merge(patch.toString()));
  }

  private static void dropFinalizer(
      HasMetadata live, String finalizer, ResourceClient<PartialObjectMetadata> client) {
    List<String> others =
        Meta.finalizers(live).stream().filter(name -> !name.equals(finalizer)).toList();
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(live))
        .put("resourceVersion", live.getMetadata().getResourceVersion())
        .set("finalizers", Json.mapper().valueToTree(others));
    client.patch(Meta.key(live), new Patch.Merge(patch.toString()));
  }

  /** Group and kind: an owner may be named by another version than the one discovery prefers. */
  private static String kind(String apiVersion, String kind) {
    return GroupVersionKind.of(apiVersion, kind).group() + "/" + kind;
  }
}
