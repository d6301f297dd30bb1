package dev.coxswain.controllers.object;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.runtime.client.Patch;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.stream.Stream;

/** Finalizers of others' objects: added and taken away one by one, in this very version. */
public final class Finalizers {
  private Finalizers() {}

  /** Adds a finalizer that is not there. */
  public static void add(HasMetadata object, String finalizer, Actions act) {
    if (!Meta.finalizers(object).contains(finalizer)) {
      write(
          object,
          Stream.concat(Meta.finalizers(object).stream(), Stream.of(finalizer)).toList(),
          act);
    }
  }

  /** Takes a finalizer away; an object that is gone meanwhile has none. */
  public static void remove(HasMetadata object, String finalizer, Actions act) {
    if (!Meta.finalizers(object).contains(finalizer)) {
      return;
    }
    try {
      write(
          object,
          Meta.finalizers(object).stream().filter(name -> !name.equals(finalizer)).toList(),
          act);
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.NOT_FOUND)) {
        throw refused;
      }
    }
  }

  private static void write(HasMetadata object, List<String> finalizers, Actions act) {
    var patch = Json.object();
    patch
        .putObject("metadata")
        .put("uid", Meta.uid(object))
        .put("resourceVersion", object.getMetadata().getResourceVersion())
        .set("finalizers", Json.mapper().valueToTree(finalizers));
    act.patch(object, new Patch.Merge(patch.toString()));
  }
}
