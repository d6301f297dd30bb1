package dev.coxswain.controllers.manager;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Whose object it is: a workload keeps what it controls and selects, adopts what it selects and
 * nobody controls, and lets go what it controls but no longer selects.
 */
public final class Claims<S extends HasMetadata> {
  private final Class<S> type;
  private final HasMetadata owner;
  private final LabelSelector selector;
  private final Predicate<S> adoptable;
  private final String finalizer;

  private Claims(
      Class<S> type,
      HasMetadata owner,
      LabelSelector selector,
      Predicate<S> adoptable,
      String finalizer) {
    this.type = type;
    this.owner = owner;
    this.selector = selector;
    this.adoptable = adoptable;
    this.finalizer = finalizer;
  }

  /** What an owner claims of a kind. */
  public static <S extends HasMetadata> Claims<S> of(
      Class<S> type, HasMetadata owner, LabelSelector selector) {
    return new Claims<>(type, owner, selector, object -> true, "");
  }

  /** The objects of a kind that are the owner's after adopting and letting go. */
  public static <S extends HasMetadata> List<S> claim(
      Class<S> type, HasMetadata owner, LabelSelector selector, View view, Actions act) {
    return of(type, owner, selector).claim(view, act);
  }

  /** Adopts only orphans that pass this beside having the labels. */
  public Claims<S> adoptable(Predicate<S> test) {
    return new Claims<>(type, owner, selector, test, finalizer);
  }

  /** Gives what is adopted a finalizer, and takes it from what is let go. */
  public Claims<S> finalizer(String name) {
    return new Claims<>(type, owner, selector, adoptable, name);
  }

  /** The objects that are the owner's after adopting and letting go. */
  public List<S> claim(View view, Actions act) {
    var claimed = new ArrayList<S>();
    boolean going = Meta.deleting(owner);
    for (S object : view.controlledBy(type, Meta.uid(owner))) {
      if (!Meta.namespace(object).equals(Meta.namespace(owner))) {
        continue;
      }
      if (selector.matches(Meta.labels(object))) {
        claimed.add(object);
      } else if (!going) {
        release(object, act);
      }
    }
    if (going) {
      return claimed;
    }
    boolean mayAdopt = false;
    for (S object : view.orphans(type, Meta.namespace(owner))) {
      if (!Meta.deleting(object)
          && selector.matches(Meta.labels(object))
          && adoptable.test(object)) {
        // Read past the cache, once: a deleted owner must not adopt what a successor will claim.
        mayAdopt = mayAdopt || stillThere(owner, act);
        if (!mayAdopt) {
          break;
        }
        claimed.add(adopt(object, act));
      }
    }
    return claimed;
  }

  private S adopt(S object, Actions act) {
    List<OwnerReference> owners =
        Stream.concat(Owners.of(object).stream(), Stream.of(Owners.controllerReference(owner)))
            .toList();
    List<String> finalizers =
        Stream.concat(Meta.finalizers(object).stream(), Stream.of(finalizer)).distinct().toList();
    return act.patch(object, patch(object, owners, finalizers));
  }

  private void release(S object, Actions act) {
    List<OwnerReference> others =
        Owners.of(object).stream()
            .filter(reference -> !reference.getUid().equals(Meta.uid(owner)))
            .toList();
    List<String> finalizers =
        Meta.finalizers(object).stream().filter(name -> !name.equals(finalizer)).toList();
    try {
      act.patch(object, patch(object, others, finalizers));
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.NOT_FOUND)) {
        throw refused;
      }
    }
  }

  private static boolean stillThere(HasMetadata owner, Actions act) {
    return act.live(PendingWrites.typeOf(owner), Meta.key(owner))
        .filter(live -> Meta.uid(live).equals(Meta.uid(owner)) && !Meta.deleting(live))
        .isPresent();
  }

  /** Replaces the owners of this very version: two who adopt at once must not both succeed. */
  private Patch patch(HasMetadata object, List<OwnerReference> owners, List<String> finalizers) {
    var patch = Json.object();
    var metadata = patch.putObject("metadata");
    metadata.put("uid", Meta.uid(object));
    metadata.put("resourceVersion", object.getMetadata().getResourceVersion());
    metadata.set("ownerReferences", Json.mapper().valueToTree(owners));
    if (!finalizer.isEmpty()) {
      metadata.set("finalizers", Json.mapper().valueToTree(finalizers));
    }
    return new Patch.Merge(patch.toString());
  }
}
