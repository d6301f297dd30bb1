package dev.coxswain.controllers.history;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Claims;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.TemplateHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The revisions of one workload's template, the oldest first. A revision's data is the patch that
 * brings its template back, which is what kubectl's rollback sends.
 *
 * @param current the revision of the template as it is now
 * @param all every revision, the current one included
 */
public record History(ControllerRevision current, List<ControllerRevision> all) {
  /** The label of pods and revisions that names the template. */
  public static final String LABEL = "controller-revision-hash";

  private static final Comparator<ControllerRevision> OLDEST_FIRST =
      Comparator.<ControllerRevision>comparingLong(History::number).thenComparing(Meta::name);

  /** Finds the template's revision, or makes it, with the highest number. */
  public static History of(
      HasMetadata owner, LabelSelector selector, PodTemplateSpec template, View view, Actions act) {
    List<ControllerRevision> known =
        Claims.claim(ControllerRevision.class, owner, selector, view, act).stream()
            .sorted(OLDEST_FIRST)
            .toList();
    long highest = known.isEmpty() ? 0 : number(known.getLast());
    ObjectNode data = data(template);
    String hash = TemplateHash.of(data, 0);
    // Somebody may have written the same down again: the newest counts.
    Optional<ControllerRevision> same =
        known.stream()
            .filter(revision -> data.equals(data(template(revision))))
            .reduce((older, newer) -> newer);
    if (same.isPresent() && number(same.get()) == highest) {
      return new History(same.get(), known);
    }
    ControllerRevision current =
        same.isPresent()
            ? act.update(
                new ControllerRevisionBuilder(same.get()).withRevision(highest + 1).build())
            : create(fresh(owner, template, data, hash, highest + 1), data, act);
    return new History(
        current,
        Stream.concat(
                known.stream().filter(revision -> !Meta.name(revision).equals(Meta.name(current))),
                Stream.of(current))
            .toList());
  }

  /**
   * Makes a revision. Its name may be taken by somebody else's of the same template: an owner of
   * another kind that has the same name, or an earlier one of this name. It serves as well.
   */
  private static ControllerRevision create(
      ControllerRevision wanted, ObjectNode data, Actions act) {
    try {
      return act.create(wanted);
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.ALREADY_EXISTS)) {
        throw refused;
      }
      return act.live(ControllerRevision.class, Meta.key(wanted))
          .filter(found -> data.equals(json(found.getData())))
          .orElseThrow(() -> refused);
    }
  }

  /** The value of {@link #LABEL} for pods of a revision. */
  public static String hash(ControllerRevision revision) {
    return Meta.labels(revision).getOrDefault(LABEL, "");
  }

  /** The revision of this name; the current one where there is none. */
  public ControllerRevision named(String name) {
    return all.stream()
        .filter(revision -> Meta.name(revision).equals(name))
        .findFirst()
        .orElse(current);
  }

  /** The template that a revision stands for. */
  public static PodTemplateSpec template(ControllerRevision revision) {
    ObjectNode template =
        (ObjectNode) json(revision.getData()).path("spec").path("template").deepCopy();
    template.remove("$patch");
    return Json.mapper().treeToValue(template, PodTemplateSpec.class);
  }

  /**
   * Deletes the oldest revisions beyond the limit that no pod was made of.
   *
   * @param limit how many are kept; all of them where it is negative
   * @param inUse the names of the revisions that are needed, and the hashes of living pods
   */
  public void truncate(int limit, Collection<String> inUse, Actions act) {
    if (limit < 0) {
      return;
    }
    List<ControllerRevision> unused =
        all.stream()
            .filter(revision -> !Meta.name(revision).equals(Meta.name(current)))
            .filter(
                revision -> !inUse.contains(Meta.name(revision)) && !inUse.contains(hash(revision)))
            .toList();
    unused.stream().limit(Math.max(0, unused.size() - limit)).forEach(act::delete);
  }

  private static ControllerRevision fresh(
      HasMetadata owner, PodTemplateSpec template, ObjectNode data, String hash, long number) {
    var metadata = template.getMetadata();
    Map<String, String> labels =
        new TreeMap<>(metadata == null ? Map.of() : Meta.map(metadata.getLabels()));
    labels.put(LABEL, hash);
    var annotations = new TreeMap<>(Meta.annotations(owner));
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    return new ControllerRevisionBuilder()
        .withNewMetadata()
        .withName(Meta.name(owner) + "-" + hash)
        .withNamespace(Meta.namespace(owner))
        .withLabels(labels)
        .withAnnotations(annotations)
        .withOwnerReferences(Owners.controllerReference(owner))
        .endMetadata()
        .withData(data)
        .withRevision(number)
        .build();
  }

  private static ObjectNode data(PodTemplateSpec template) {
    ObjectNode data = Json.object();
    ObjectNode copy = Json.mapper().valueToTree(template);
    copy.put("$patch", "replace");
    for (String containers : List.of("containers", "initContainers", "ephemeralContainers")) {
      copy.path("spec").path(containers).forEach(History::completed);
    }
    data.putObject("spec").set("template", copy);
    return (ObjectNode) json(data);
  }

  /** Clients written in Go always write this field, and compare bytes. */
  private static void completed(JsonNode container) {
    if (!container.has("resources")) {
      ((ObjectNode) container).putObject("resources");
    }
  }

  /**
   * Read from its text, so that numbers compare by value: a tree made of objects keeps their width.
   * Fields stand in the order of their names: clients compare the bytes with what they would write.
   */
  private static JsonNode json(@Nullable Object data) {
    JsonNode tree = Json.mapper().valueToTree(data);
    return sorted(Json.parse(tree.toString()));
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isArray()) {
      var elements = Json.array();
      node.forEach(element -> elements.add(sorted(element)));
      return elements;
    }
    if (!node.isObject()) {
      return node;
    }
    var fields = new TreeMap<String, JsonNode>();
    node.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
    return Json.object().setAll(fields);
  }

  private static long number(ControllerRevision revision) {
    Long number = revision.getRevision();
    return number == null ? 0 : number;
  }
}
